import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../lab/wait.ts';
import { agentLog } from '../cluster/agents.ts';
import { helloFor, knock, knockAndRun } from '../cluster/agent-peer.ts';
import { expiredPapers, foreignPapers, genuinePapers, type Papers } from '../cluster/certificates.ts';
import { migrationNamed, overMove, requestMove } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { startingOn } from '../cluster/nodes.ts';
import { deployRedis, identityOf, type PodView, readyPod } from '../cluster/redis.ts';

const namespace = 'e2e-agents';
const name = 'redis';
const target = 'n2';

let source: PodView;

beforeAll(async () => {
  await freshNamespace(namespace);
  const spec = { affinity: startingOn('n1', target) };
  source = (await deployRedis({ namespace, name, startOn: 'n1', spec }, [])).pod;
});

afterAll(() => removeNamespace(namespace));

describe('an agent closes the door on a peer', () => {
  it.each<[string, () => Promise<Papers | undefined>]>([
    ['without a certificate', () => Promise.resolve(undefined)],
    ['with a certificate of another authority', () => foreignPapers('n1')],
    ['with a certificate that has expired', () => expiredPapers('n1')],
  ])('%s', async (_what, papersOf) => {
    const said = await knock(target, await papersOf(), helloFor(randomUUID()));
    // A trusted peer would have heard that nobody waits for this move.
    expect(said).toMatch(/^$|PeerNotTrusted/);
    expect(await agentLog(target, '3s')).toContain('Refused a connection that is not of an agent');
  });
});

describe('an agent refuses, and logs,', () => {
  it('a move that nobody has begun', async () => {
    const uid = randomUUID();
    const said = await knock(target, await genuinePapers('n1'), helloFor(uid));
    expect(said).toContain('"reason":"RendezvousUnknown"');
    expect(await agentLog(target, '10s')).toContain(uid);
  });

  it.each<[string, Buffer, string]>([
    ['a message that is no JSON', Buffer.from('\0\0\0\x08\0garbage!'), 'is not JSON'],
    ['a frame that is too large', Buffer.from([0xff, 0xff, 0xff, 0xff, 1]), 'with 4294967295 bytes is not allowed'],
    ['bytes that belong to no file', Buffer.from('\0\0\0\x04\x01data'), 'to say \\"hello\\", got bytes'],
  ])('%s', async (_what, bytes, complaint) => {
    await knock(target, await genuinePapers('n1'), bytes);
    expect(await agentLog(target, '10s')).toContain(complaint);
  });

  it('a stream that ends in the middle of a frame', async () => {
    await knockAndRun(target, await genuinePapers('n1'), helloFor(randomUUID()).subarray(0, 20));
    await expect.poll(() => agentLog(target, '10s'), { timeout: 5_000 }).toContain('StreamTruncated');
  });
});

describe('an agent of a third node', () => {
  it('cannot bring an image for a move that runs, and the move goes on', async () => {
    const third = await genuinePapers('n4');
    const was = await identityOf(namespace, source.metadata.name);
    await requestMove(namespace, 'contested', { podName: source.metadata.name, targetNodeName: target });
    const { metadata } = await migrationNamed(namespace, 'contested');
    // Before the target has arrived nobody waits for an image, and after the end no one does any more.
    const refusal = await until(
      { what: 'the target of the move to wait', timeoutMs: 20_000, everyMs: 10 },
      async () => {
        const said = await knock(target, third, helloFor(metadata.uid));
        return said.includes('PeerNotTrusted') ? said : undefined;
      },
    );
    expect(refusal).toContain('comes from node n1, but node n4 offered one');
    expect((await overMove(namespace, 'contested')).status).toMatchObject({ phase: 'Succeeded', reason: 'Moved' });
    const after = await readyPod({ namespace, name }, target);
    expect(await identityOf(namespace, after.metadata.name)).toEqual(was);
  });
});
