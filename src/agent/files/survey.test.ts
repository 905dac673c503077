import { appendFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { difference } from './difference.ts';
import { bytesOf, namedBy } from './file-name.ts';
import { survey } from './survey.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'transship-survey-'));
  await mkdir(join(root, 'etc/deep'), { recursive: true });
  await writeFile(join(root, 'etc/deep/file'), 'one');
  await symlink('/etc', join(root, 'link'));
});
afterEach(() => rm(root, { recursive: true }));

it('names everything below its root and follows no link', async () => {
  expect([...(await survey(root)).keys()].toSorted()).toEqual(['etc', 'etc/deep', 'etc/deep/file', 'link']);
});

it('of a tree that is not there is refused: it is not an empty one', async () => {
  await expect(survey(join(root, 'gone'))).rejects.toThrow('ENOENT');
});

it('names what is not called in UTF-8, too', async () => {
  const odd = Buffer.from([0x66, 0xff, 0xfe, 0x0a]);
  await writeFile(Buffer.concat([Buffer.from(`${root}/etc/`), odd]), 'x');
  const name = [...(await survey(root)).keys()].find((path) => path.startsWith('etc/f'));
  expect(bytesOf(name ?? '')).toEqual(Buffer.concat([Buffer.from('etc/'), odd]));
  expect(namedBy('ä')).toBe('\u00c3\u00a4');
});

it('finds a tree as it was when nothing was written', async () => {
  expect(await survey(root)).toEqual(await survey(root));
});

it('sees what was written, made and deleted', async () => {
  const before = await survey(root);
  await appendFile(join(root, 'etc/deep/file'), ' two');
  await rm(join(root, 'link'));
  await writeFile(join(root, 'new'), '');
  const { changed, removed } = difference(before, await survey(root));
  expect(changed.toSorted()).toEqual(['etc', 'etc/deep', 'etc/deep/file', 'new']);
  expect(removed).toEqual(['link']);
});

it('knows a deleted file of an image from an ordinary one', async () => {
  expect([...(await survey(root)).values()].some((entry) => entry.whiteout)).toBe(false);
});

it('knows a folder that hides that of the image by the links that it counts', async () => {
  // To tell from a folder that is joined takes a mounted overlay: test/e2e/files.test.ts.
  expect((await survey(root, root)).get('etc')?.opaque).toBe(true);
  expect((await survey(root, root)).get('etc/deep/file')?.opaque).toBe(false);
  expect((await survey(root)).get('etc')?.opaque).toBe(false);
});
