import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Listed } from './listing.ts';
import { type Entry, inodeIn, surveyOf } from './survey.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'transship-survey-'));
  await mkdir(join(root, 'etc/deep'), { recursive: true });
  await writeFile(join(root, 'etc/deep/file'), 'one');
});
afterEach(() => rm(root, { recursive: true }));

const stampOf = (kind: string): string => `1:2 3.0 0 644 0:0 ${kind}`;

async function* all(): AsyncGenerator<Listed> {
  await Promise.resolve();
  yield [stampOf('d'), '', stampOf('d'), 'etc'];
  yield [stampOf('f'), 'etc/deep/file'];
}

it('is of everything that is listed', async () => {
  expect([...(await surveyOf(all())).keys()]).toEqual(['.', 'etc', 'etc/deep/file']);
});

it('knows a folder that hides that of the image by the links that it counts', async () => {
  // To tell from a folder that is joined takes a mounted overlay: test/e2e/files.test.ts.
  const inOverlay = await surveyOf(all(), new Map(), { upper: root, mounted: root });
  expect(inOverlay.get('etc')?.opaque).toBe(true);
  expect(inOverlay.get('.')?.opaque).toBe(false);
  expect(inOverlay.get('etc/deep/file')?.opaque).toBe(false);
  expect((await surveyOf(all())).get('etc')?.opaque).toBe(false);
});

it('does not look again at what has the stamp that it had', async () => {
  const known: Entry = { stamp: stampOf('d'), kind: 'd', whiteout: true, opaque: true };
  const layer = { upper: root, mounted: root };
  const survey = await surveyOf(all(), new Map([['etc', known]]), layer);
  expect(survey.get('etc')).toBe(known);
  const changed = { ...known, stamp: 'another' };
  expect((await surveyOf(all(), new Map([['etc', changed]]), layer)).get('etc')?.whiteout).toBe(false);
});

it('names a file by its inode', () => {
  expect(inodeIn({ stamp: stampOf('f'), kind: 'f', whiteout: false, opaque: false })).toBe('1:2');
});
