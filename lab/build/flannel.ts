import { chmod, cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Artefact } from '../cache/artefact.ts';
import { run } from '../process.ts';
import { buildGoProgram } from './go-program.ts';

const version = 'v0.28.10';
const linkerFlags = '-s -w';

/** Ways to carry packets that the lab does not use: one needs a C compiler, the other a module that is not to be had. */
const leftOut = ['backend/tencentvpc', 'backend/udp'];

/** The module's source, in a folder that may be written to. */
async function sourceIn(folder: string, log: string): Promise<void> {
  const said = await run('go', ['mod', 'download', '-json', `github.com/flannel-io/flannel@${version}`], {
    env: { ...process.env, GOFLAGS: '', GOWORK: 'off' },
  });
  const { Dir } = JSON.parse(said) as { readonly Dir: string };
  await cp(Dir, folder, { recursive: true });
  await run('chmod', ['-R', 'u+w', folder], { log });
  const main = join(folder, 'main.go');
  await chmod(main, 0o644);
  const lines = (await readFile(main, 'utf8')).split('\n');
  const kept = lines.filter((line) => !leftOut.some((each) => line.trim().endsWith(`/pkg/${each}"`)));
  await writeFile(main, kept.join('\n'));
}

/** The daemon of flannel, from its own module with the versions that its go.sum names. */
export const flannel: Artefact = {
  name: 'flannel',
  describe: `building flannel ${version} (1 minute on 2 cores)`,
  texts: [version, linkerFlags, ...leftOut],
  build: async (folder, log) => {
    const source = join(folder, 'source');
    await sourceIn(source, log);
    await buildGoProgram({ module: source, package: '.', output: join(folder, 'flanneld'), linkerFlags, log });
    await run('rm', ['-rf', source]);
  },
};
