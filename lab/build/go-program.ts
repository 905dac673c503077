import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from '../process.ts';

export interface GoProgram {
  /** Folder with go.mod and go.sum. */
  readonly module: string;
  readonly package: string;
  readonly output: string;
  readonly linkerFlags: string;
  readonly log: string;
}

/**
 * Builds a static program from Go modules. The compiler's cache lies beside the output and is dropped afterwards:
 * Kubernetes leaves gigabytes in it that nothing else would use.
 */
export async function buildGoProgram(program: GoProgram): Promise<void> {
  const work = `${program.output}.build`;
  const source = join(work, 'source');
  await mkdir(work, { recursive: true });
  await cp(program.module, source, { recursive: true });
  const goCache = process.env.TRANSSHIP_LAB_GOCACHE ?? join(work, 'cache');
  const flags = ['build', '-mod=readonly', '-buildvcs=false', '-trimpath', '-ldflags', program.linkerFlags];
  await run('go', [...flags, '-o', program.output, program.package], {
    cwd: source,
    log: program.log,
    env: { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '', GOWORK: 'off', GOCACHE: goCache },
  });
  await rm(work, { recursive: true, force: true });
}
