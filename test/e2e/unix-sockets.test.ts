import { afterAll, beforeAll, expect, it } from 'vitest';
import { fromEachToEach, movedTo } from '../cluster/moved.ts';
import { removeNamespace } from '../cluster/namespaces.ts';
import { type PodView } from '../cluster/redis.ts';
import { deployTalkers, endTalk, type Talk, talkOf } from '../cluster/talkers.ts';

const namespace = 'e2e-unix-sockets';
const name = 'talkers';

let pod: PodView;
let words: readonly string[];

const wordsOf = ({ reader, writer }: Talk): readonly string[] => [reader.word, writer.word];

beforeAll(async () => {
  pod = await deployTalkers({ namespace, name, nodes: ['n1', 'n2', 'n3', 'n4'] });
  words = wordsOf(await talkOf(namespace, pod.metadata.name));
});

afterAll(() => removeNamespace(namespace));

it.each(fromEachToEach)(
  'what a container has written to another and that has not read arrives %s',
  async (_route, to) => {
    const before = await talkOf(namespace, pod.metadata.name);
    expect(before.reader.unread).toBeGreaterThan(100);
    pod = await movedTo(pod, name, to);
    const after = await talkOf(namespace, pod.metadata.name);
    expect(wordsOf(after)).toEqual(words);
    expect(after.reader).toMatchObject({ jumps: 0, ended: 0, packetJumps: 0, packetsEnded: 0 });
    expect(after.writer.broken).toBe(0);
    // More than was under way: both go on.
    expect(after.reader.read).toBeGreaterThan(before.writer.written);
    expect(after.reader.packets).toBeGreaterThan(before.writer.packets);
  },
);

it('nobody but the two has an end: when one closes it, the other reads what was left and then its end', async () => {
  await endTalk(namespace, pod.metadata.name);
  await expect
    .poll(async () => (await talkOf(namespace, pod.metadata.name)).reader, { timeout: 30_000, interval: 500 })
    .toMatchObject({ jumps: 0, ended: 1, packetJumps: 0, packetsEnded: 1 });
  const { reader, writer } = await talkOf(namespace, pod.metadata.name);
  expect({ read: reader.read, packets: reader.packets }).toEqual({ read: writer.written, packets: writer.packets });
});
