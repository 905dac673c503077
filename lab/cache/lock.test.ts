import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { whileCacheIsOurs } from './lock.ts';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'lock-'));
  vi.stubEnv('TRANSSHIP_LAB_CACHE', cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

it('lets go when the work fails', async () => {
  await expect(whileCacheIsOurs(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await readdir(cache)).toEqual([]);
});

it('takes over a lock whose holder is not a lab command any more', async () => {
  await writeFile(join(cache, 'lock'), '1');
  expect(await whileCacheIsOurs(() => Promise.resolve('done'))).toBe('done');
});
