import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { run } from '../process.ts';
import { writeDockerArchive, writeLayer } from './docker-archive.ts';

interface Config {
  readonly config: { readonly Cmd: readonly string[]; readonly Env: readonly string[] };
  readonly rootfs: { readonly diff_ids: readonly string[] };
}
type Manifest = readonly {
  readonly Config: string;
  readonly RepoTags: readonly string[];
  readonly Layers: readonly string[];
}[];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docker-archive-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function layer(name: string, text: string): Promise<string> {
  const tree = join(folder, `${name}-tree`);
  await mkdir(tree);
  await writeFile(join(tree, 'file'), text);
  const out = join(folder, `${name}.tar`);
  await writeLayer(tree, out);
  return out;
}

async function archiveOf(layers: readonly string[], name = 'image.tar'): Promise<string> {
  const out = join(folder, name);
  await writeDockerArchive({ tag: 'docker.io/local/x:1', layers, program: { Cmd: ['/x'] }, out });
  return out;
}

const member = (archive: string, name: string): Promise<string> => run('tar', ['-xOf', archive, name]);

describe('writeDockerArchive', () => {
  it('names the layers in order, and the configuration, by their contents', async () => {
    const layers = [await layer('low', 'a'), await layer('high', 'b')];
    const archive = await archiveOf(layers);
    const [image] = JSON.parse(await member(archive, 'manifest.json')) as Manifest;
    const text = await member(archive, image?.Config ?? '');
    const config = JSON.parse(text) as Config;
    const digests = await Promise.all(layers.map(async (file) => sha256(await readFile(file))));
    expect(image).toEqual({
      Config: `${sha256(Buffer.from(text))}.json`,
      RepoTags: ['docker.io/local/x:1'],
      Layers: digests.map((digest) => `${digest}.tar`),
    });
    expect(config.rootfs.diff_ids).toEqual(digests.map((digest) => `sha256:${digest}`));
    expect(config.config).toMatchObject({ Cmd: ['/x'], Env: [expect.stringContaining('/usr/bin')] });
  });

  it('writes the same bytes for the same image and leaves no scraps', async () => {
    const layers = [await layer('only', 'a')];
    const first = await readFile(await archiveOf(layers, 'first.tar'));
    const second = await readFile(await archiveOf(layers, 'second.tar'));
    expect(first.equals(second)).toBe(true);
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('holds a layer once that the image has twice', async () => {
    const only = await layer('only', 'a');
    const members = await run('tar', ['-tf', await archiveOf([only, only])]);
    expect(members.split('\n').filter((name) => name.endsWith('.tar'))).toHaveLength(1);
  });

  it('leaves no archive when a layer is missing', async () => {
    await expect(archiveOf([join(folder, 'nowhere.tar')])).rejects.toThrow('nowhere.tar');
    expect(await readdir(folder)).toEqual([]);
  });
});

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
