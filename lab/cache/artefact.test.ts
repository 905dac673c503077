import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { artefactFolder, artefactPath, removeSuperseded, type Artefact } from './artefact.ts';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'artefact-'));
  vi.stubEnv('TRANSSHIP_LAB_CACHE', cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

const artefact = (text: string, build = vi.fn<Artefact['build']>(() => Promise.resolve())): Artefact => ({
  name: 'thing',
  describe: 'making a thing',
  texts: [text],
  build,
});

it('builds once and then finds what was built', async () => {
  const build = vi.fn<Artefact['build']>((folder) => writeFile(join(folder, 'out'), 'built'));
  const folder = await artefactFolder(artefact('a', build));
  await artefactFolder(artefact('a', build));
  expect(build).toHaveBeenCalledTimes(1);
  expect(await readFile(join(folder, 'out'), 'utf8')).toBe('built');
});

it('builds anew what is made from something else', async () => {
  expect(await artefactPath(artefact('a'))).not.toBe(await artefactPath(artefact('b')));
});

it('leaves no artefact of a build that failed, and none of its scraps after the next', async () => {
  const failing = artefact(
    'a',
    vi.fn<Artefact['build']>(() => Promise.reject(new Error('no disk'))),
  );
  await expect(artefactFolder(failing)).rejects.toThrow('no disk');
  const folder = await artefactFolder(artefact('a'));
  expect((await readdir(cache)).filter((name) => name !== 'log').map((name) => join(cache, name))).toEqual([folder]);
});

it('removes what no source leads to any more, and nothing else', async () => {
  await artefactFolder(artefact('old'));
  const kept = await artefactFolder(artefact('new'));
  await writeFile(join(cache, 'lock'), '');
  await removeSuperseded([artefact('new')]);
  expect(new Set(await readdir(cache))).toEqual(new Set(['lock', 'log', kept.slice(cache.length + 1)]));
});
