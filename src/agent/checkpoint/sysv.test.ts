import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasSegment, keepObjectsOnce } from './sysv.ts';

describe('shared memory in the map of a process', () => {
  const others = '7f0000000000-7f0000001000 r--p 00000000 08:01 42 /usr/lib/SYSV00000000.so\n';

  it.each([
    ['that has none', others, false],
    [
      'that has attached a segment',
      `${others}7f10-7f20 rw-s 00000000 00:01 32769                      /SYSV0052e2c1\n`,
      true,
    ],
    ['that has one which was removed', `7f10-7f20 rw-s 00000000 00:01 3 /SYSV00000000 (deleted)\n${others}`, true],
  ])('is seen in that of a process %s', (_which, maps, expected) => {
    expect(hasSegment(maps)).toBe(expected);
  });
});

describe('the images of containers with one IPC namespace', () => {
  const names = ['web', 'db'] as const;
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sysv-'));
    for (const name of names) await mkdir(join(folder, name));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const dumped = async (segments: number): Promise<void> => {
    for (const name of names) {
      const image = (file: string) => join(folder, name, file);
      await writeFile(image('ipcns-shm-11.img'), Buffer.alloc(8 + segments * 20));
      for (const file of ['ipcns-msg-11.img', 'ipcns-sem-11.img']) await writeFile(image(file), Buffer.alloc(8));
      for (const file of ['ipcns-var-11.img', 'core-1.img']) await writeFile(image(file), Buffer.alloc(50));
    }
  };
  const kept = async (...attaching: readonly string[]): Promise<readonly string[]> => {
    const keeping = keepObjectsOnce(
      'ns/pod',
      names.map((name) => ({ name, hasSegments: () => attaching.includes(name) })),
    );
    for (const name of names) keeping.keep(name, join(folder, name));
    const all = await Promise.all(
      names.map(async (name) => (await readdir(join(folder, name))).map((file) => `${name} ${file}`)),
    );
    return all.flat().filter((file) => file.includes('ipcns'));
  };

  it.each([
    ['in the first, when nobody has attached any', [], 'web', 'db'],
    ['where a process has attached them', ['db'], 'db', 'web'],
  ])('have their objects once: %s', async (_where, attaching, keeper, other) => {
    await dumped(1);
    expect((await kept(...attaching)).toSorted()).toEqual(
      [
        `${other} ipcns-var-11.img`,
        ...['msg', 'sem', 'shm', 'var'].map((kind) => `${keeper} ipcns-${kind}-11.img`),
      ].toSorted(),
    );
  });

  it('are left alone when there are no objects', async () => {
    await dumped(0);
    expect(await kept('web', 'db')).toHaveLength(8);
  });

  it('are not taken when two have segments attached', async () => {
    await dumped(1);
    await expect(kept('web', 'db')).rejects.toMatchObject({
      reason: 'SegmentShared',
      message: 'ns/pod has SysV shared memory attached in several containers: web, db',
    });
  });
});
