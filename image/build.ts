import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';

import { whileCacheIsOurs } from '../lab/cache/lock.ts';
import { writeDockerArchive } from '../lab/images/docker-archive.ts';
import { say, step } from '../lab/progress.ts';
import { bundle } from './bundle.ts';
import { cachedLayers, type ImageFile, writeFilesLayer } from './layers.ts';

/*
 * node image/build.ts: writes dist/transship-image.tar, which `docker load` and
 * `ctr images import` read. Neither a container engine nor a registry is needed.
 */

const tag = 'ghcr.io/transship/transship:0.1.0';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const programs = ['transship', 'kubectl-transship'];

const inFolder = async (
  folder: string,
  to: string,
  accepts: (name: string) => boolean,
): Promise<readonly ImageFile[]> => {
  const names = (await readdir(join(root, folder))).filter(accepts).toSorted();
  // Only the scripts are run; on the host they get the mode that they have here.
  return names.map((name) => ({
    from: join(root, folder, name),
    to: join(to, name),
    mode: name.includes('.') ? 0o644 : 0o755,
  }));
};

/** node/ is what the installer puts on hosts; the agent runs the .pl itself; the .proto describes the CRI to it. */
const filesOf = async (bundles: string): Promise<readonly ImageFile[]> => [
  ...programs.map((name) => ({ from: join(bundles, `${name}.mjs`), to: `/opt/transship/${name}.mjs`, mode: 0o755 })),
  ...(await inFolder('node', '/opt/transship/node', (name) => !name.endsWith('.md') && !name.endsWith('.ts'))),
  ...(await inFolder('src/agent/sockets', '/opt/transship/perl', (name) => name.endsWith('.pl'))),
  ...(await inFolder('src/agent/runtime/containerd', '/opt/transship/proto', (name) => name.endsWith('.proto'))),
];

async function buildImage(out: string): Promise<void> {
  const work = await mkdtemp(join(dist, '.image-'));
  try {
    const stable = await whileCacheIsOurs(cachedLayers);
    await step('bundling the programs', () =>
      bundle(
        programs.map((name) => join(root, 'src', 'main', `${name}.ts`)),
        work,
      ),
    );
    const files = join(work, 'files.tar');
    await writeFilesLayer(await filesOf(work), files);
    await writeDockerArchive({
      tag,
      layers: [...stable, files],
      program: {
        Entrypoint: ['/usr/local/bin/node', '/opt/transship/transship.mjs'],
        Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'NODE_ENV=production'],
        WorkingDir: '/',
        Labels: { 'org.opencontainers.image.title': 'transship', 'org.opencontainers.image.licenses': 'Apache-2.0' },
      },
      out,
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const out = join(dist, 'transship-image.tar');
try {
  await mkdir(dist, { recursive: true });
  await buildImage(out);
  say(`wrote ${relative(process.cwd(), out)} (${tag})`);
} catch (error) {
  // esbuild has shown each place in the source already; its error carries the whole of its state besides.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
