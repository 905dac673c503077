import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Artefact } from '../cache/artefact.ts';
import { buildGoProgram } from './go-program.ts';

const source = join(import.meta.dirname, 'cri-dockerd');
const linkerFlags = '-s -w';

/** The adapter between kubelet and Docker Engine, from its own module with the replacements its go.mod names. */
export const criDockerd: Artefact = {
  name: 'cri-dockerd',
  describe: 'building cri-dockerd (2 minutes on 2 cores)',
  texts: [linkerFlags],
  files: readdirSync(source).map((file) => join(source, file)),
  build: (folder, log) =>
    buildGoProgram({
      module: source,
      package: 'github.com/Mirantis/cri-dockerd',
      output: join(folder, 'cri-dockerd'),
      linkerFlags,
      log,
    }),
};
