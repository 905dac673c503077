import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Channel } from '../../src/agent/transfer/channel.ts';
import { builtInPolicy } from '../../src/api/migration-policy.ts';
import { expiredPapers, foreignPapers, genuinePapers, type Papers } from '../cluster/certificates.ts';
import { type CounterClient, startCounter } from '../cluster/counter-client.ts';
import { eventOn } from '../cluster/events.ts';
import { startImpostor } from '../cluster/impostor.ts';
import { conditionOf, overMove, requestMove } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { newOn, type NodeState, stateOf } from '../cluster/node-state.ts';
import { startingOn } from '../cluster/nodes.ts';
import { changePolicy } from '../cluster/policy.ts';
import { deployRedis, type PodView, podsOf } from '../cluster/redis.ts';

const namespace = 'e2e-impostor';
const name = 'redis';
const from = 'n2';
const to = 'n4';

let source: PodView;
let client: CounterClient;
const before = new Map<string, NodeState>();

beforeAll(async () => {
  await freshNamespace(namespace);
  source = (await deployRedis({ namespace, name, startOn: from, spec: { affinity: startingOn(from, to) } }, [])).pod;
  client = await startCounter('n0', { host: source.status.podIP ?? '', port: 6379 }, 'through-it-all');
  for (const node of [from, to]) before.set(node, await stateOf(node));
  await changePolicy({ retries: 0 }); // it answers as it does every time
});

afterAll(async () => {
  await changePolicy({ retries: builtInPolicy.retries });
  await client.close();
  await removeNamespace(namespace);
});

const limit = (): AbortSignal => AbortSignal.timeout(20_000);

type Serve = Parameters<typeof startImpostor>[0]['serve'];

const hangUp: Serve = async (channel) => {
  await channel.expect('hello', limit());
};

const talkHTTP: Serve = async (channel, socket) => {
  await channel.expect('hello', limit());
  socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
  await channel.next(limit());
};

/** Plays the target as far as the freeze, and takes the first bytes of the image. */
const awaitImage = async (channel: Channel): Promise<void> => {
  await channel.expect('hello', limit());
  await channel.say({ say: 'ready' });
  for (;;) {
    const frame = await channel.next(limit());
    if (frame.kind === 'message' && frame.message.say === 'frozen') break;
  }
  await channel.say({ say: 'routed' });
  await channel.next(limit());
};

const expectSourceAsBefore = async (): Promise<void> => {
  await expect.poll(() => podsOf({ namespace, name })).toHaveLength(1);
  const [pod] = await podsOf({ namespace, name });
  expect(pod?.metadata.uid).toBe(source.metadata.uid);
  const lap = await client.lap();
  expect(lap).toMatchObject({ connected: true, jumps: 0 });
  expect(lap.answers).toBeGreaterThan(0);
};

const expectFailure = async (move: string, reason: string, papers: Papers, serve: Serve): Promise<void> => {
  await using impostor = await startImpostor({ insteadOf: to, seenFrom: from, papers, serve });
  await requestMove(namespace, move, { podName: source.metadata.name, targetNodeName: to });
  const { status } = await overMove(namespace, move);
  expect(impostor.wasVisited()).toBe(true);
  expect(status).toMatchObject({ phase: 'Failed', reason });
  expect(conditionOf({ status }, 'Succeeded')).toMatchObject({ status: 'False', reason });
  expect((await eventOn(namespace, 'Migration', move, reason)).type).toBe('Warning');
  await expectSourceAsBefore();
};

describe('when whoever answers in place of the target’s agent', () => {
  it.each<[string, string, () => Promise<Papers>, Serve]>([
    ['shows an expired certificate', 'PeerNotTrusted', () => expiredPapers(to), hangUp],
    ['shows a certificate of another authority', 'PeerNotTrusted', () => foreignPapers(to), hangUp],
    ['is the agent of another node', 'PeerNotTrusted', () => genuinePapers('n3'), hangUp],
    ['hangs up after the greeting', 'StreamTruncated', () => genuinePapers(to), hangUp],
    ['speaks another language', 'StreamMalformed', () => genuinePapers(to), talkHTTP],
  ])('%s, the move ends with %s and the pod runs on', async (what, reason, papers, serve) => {
    await expectFailure(what.replaceAll(' ', '-'), reason, await papers(), serve);
  });

  it('hangs up in the middle of the image, the frozen source runs again', async () => {
    let imageBegan = false;
    await expectFailure('hangs-up-in-the-image', 'StreamTruncated', await genuinePapers(to), async (channel) => {
      await awaitImage(channel);
      imageBegan = true;
    });
    expect(imageBegan).toBe(true);
  });

  it('nothing of it is left on either node', async () => {
    for (const node of [from, to])
      await expect.poll(() => newOn(node, before.get(node)!), { timeout: 30_000 }).toEqual([]);
  });
});
