import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { run } from '../process.ts';

/** How the image's program is started: the fields of Docker's and OCI's image configuration. */
export interface ImageProgram {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
}

export interface DockerArchive {
  /** Full name with its registry, as `docker.io/local/redis:1`. */
  readonly tag: string;
  /** Uncompressed tar files, lowest layer first. */
  readonly layers: readonly string[];
  readonly program: ImageProgram;
  readonly out: string;
}

const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Writes an image in the form that `docker load` and `ctr images import` read, without a container engine.
 * The same layers and program give the same bytes. The file appears under its name only when it is whole.
 */
export async function writeDockerArchive(archive: DockerArchive): Promise<void> {
  const out = resolve(archive.out);
  const work = await mkdtemp(join(dirname(out), `.${basename(out)}-`));
  try {
    const digests = await Promise.all(archive.layers.map(sha256OfFile));
    const layerNames = digests.map((digest) => `${digest}.tar`);
    for (const [index, layer] of archive.layers.entries()) {
      const link = join(work, layerNames[index] ?? '');
      // The same layer twice in one image is one file in its archive.
      if (layerNames.indexOf(layerNames[index] ?? '') === index) await symlink(resolve(layer), link);
    }
    const config = imageConfig(archive.program, digests);
    const configName = `${createHash('sha256').update(config).digest('hex')}.json`;
    await writeFile(join(work, configName), config);
    const manifest = [{ Config: configName, RepoTags: [archive.tag], Layers: layerNames }];
    await writeFile(join(work, 'manifest.json'), JSON.stringify(manifest));
    const members = ['manifest.json', configName, ...new Set(layerNames)];
    const whole = join(work, 'image');
    await run('tar', [...reproducible, '--dereference', '-C', work, '-cf', whole, ...members]);
    await rename(whole, out);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Packs a folder as one layer: owners by number, names in order, so that equal trees give equal layers. */
export async function writeLayer(tree: string, out: string): Promise<void> {
  await run('tar', ['--numeric-owner', '--sort=name', '--xattrs', '-C', tree, '-cf', out, '.']);
}

const reproducible = ['--numeric-owner', '--owner=0', '--group=0', '--mtime=@0', '--sort=name'];

function imageConfig(program: ImageProgram, layerDigests: readonly string[]): string {
  return JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: { ...program, Env: program.Env ?? [defaultPath] },
    rootfs: { type: 'layers', diff_ids: layerDigests.map((digest) => `sha256:${digest}`) },
    history: layerDigests.map(() => ({ created: '1970-01-01T00:00:00Z' })),
  });
}

async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
