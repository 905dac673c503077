import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changedFiles } from '../cluster/changed-files.ts';
import { aliveIn, changeFiles, deployKeeper, filesOf, places, type Told, toldBy } from '../cluster/file-keeper.ts';
import { movedTo } from '../cluster/moved.ts';
import { removeNamespace } from '../cluster/namespaces.ts';
import { type PodView } from '../cluster/redis.ts';

const namespace = 'e2e-file-kinds';
const name = 'keeper';

let pod: PodView;
let told: Told;

beforeAll(async () => {
  pod = await deployKeeper({ namespace, name, nodes: ['n1', 'n3'] });
  told = await toldBy(pod);
});

afterAll(() => removeNamespace(namespace));

describe('files of every kind, in its layer, in volumes on disk and in memory, and in /dev/shm,', () => {
  it('are there to be moved', async () => {
    const files = await filesOf(pod);
    for (const place of places) {
      const own = files.filter((line) => line.startsWith(`b'${place}/`));
      expect(own.length).toBeGreaterThan(45);
      for (const sign of [
        'user.word=',
        'security.capability=',
        'device 1:3',
        'holes',
        'names 3',
        "to b'/etc'",
        '0o140',
      ])
        expect(own.some((line) => line.includes(sign))).toBe(true);
    }
  });

  it.each([
    ['from containerd to Docker', 'n1', 'n3'],
    ['from Docker to containerd, after changes', 'n3', 'n1'],
  ])('are byte by byte as they were after a move %s, and nothing else of the node is', async (_route, from, to) => {
    if (from === 'n3') await changeFiles(pod);
    const before = await filesOf(pod);
    const nodes = await Promise.all([from, to].map(changedFiles));
    pod = await movedTo(pod, name, to);
    expect(await filesOf(pod)).toEqual(before);
    const after = await toldBy(pod);
    expect(after).toMatchObject({ held: told.held, wrong: 0, isLogWhole: true });
    expect(after.turns).toBeGreaterThan(told.turns);
    expect(await aliveIn(pod)).toBe('alive, waiting');
    expect(await Promise.all([from, to].map(changedFiles))).toEqual(nodes);
  });
});
