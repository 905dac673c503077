import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Artefact } from '../cache/artefact.ts';
import { buildGoProgram } from './go-program.ts';

const source = join(import.meta.dirname, 'descheduler');
const linkerFlags = '-s -w';
const required = /^require sigs\.k8s\.io\/descheduler (v\S+)$/m;

/** The version that its go.mod names. */
export const deschedulerVersion = (): string =>
  required.exec(readFileSync(join(source, 'go.mod'), 'utf8'))?.[1] ?? 'unknown';

/** A client of the eviction API; the lab does without it, so it is built by who needs it. */
export const descheduler: Artefact = {
  name: 'descheduler',
  describe: 'building the descheduler (3 minutes on 2 cores)',
  texts: [linkerFlags],
  files: readdirSync(source).map((file) => join(source, file)),
  build: (folder, log) =>
    buildGoProgram({
      module: source,
      package: 'sigs.k8s.io/descheduler/cmd/descheduler',
      output: join(folder, 'descheduler'),
      linkerFlags,
      log,
    }),
};
