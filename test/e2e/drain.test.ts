import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCounter } from '../cluster/counter-client.ts';
import { getJson, kubectl, tryKubectl } from '../cluster/kubectl.ts';
import { drainAndObserve, type Watched } from '../cluster/move.ts';
import { otherWorkers } from '../cluster/nodes.ts';
import { deployRedis, fill, type PodView } from '../cluster/redis.ts';

const namespace = 'e2e-drain';
const name = 'redis';
/**
 * `make demo` holds the moves to 500 ms on a machine that does nothing else. Here it is only told apart whether packets
 * wait or are lost: a client that has to repeat itself into a frozen pod doubles its patience each time (RFC 6298).
 */
const blackoutLimitMs = 2_500;

let watched: Watched;
let current: PodView;

beforeAll(async () => {
  await tryKubectl('delete', 'namespace', namespace, '--ignore-not-found', '--timeout=60s');
  const { pod, serviceIP } = await deployRedis({ namespace, name, startOn: 'n1' }, otherWorkers('n1'));
  current = pod;
  await fill(namespace, pod.metadata.name, 10 * 1024);
  const [podClient, service] = await Promise.all([
    startCounter('n0', { host: pod.status.podIP ?? '', port: 6379 }, 'through-pod'),
    startCounter('n0', { host: serviceIP, port: 6379 }, 'through-service'),
  ]);
  watched = { namespace, name, clients: { pod: podClient, service } };
});

afterAll(async () => {
  await Promise.all([watched.clients.pod.close(), watched.clients.service.close()]);
  await kubectl('delete', 'namespace', namespace, '--wait=false');
});

describe('kubectl drain moves a running Redis, on one connection all the way,', () => {
  it.each([
    ['from containerd to containerd', 'n2'],
    ['from containerd to Docker', 'n3'],
    ['from Docker to Docker', 'n4'],
    ['from Docker to containerd', 'n1'],
  ])('%s', async (_route, to) => {
    const { move, after, record, drainOutput } = await drainAndObserve(watched, current, to);
    current = after;
    expect(move).toMatchObject({
      to,
      connectionSurvived: true,
      counterContinuous: true,
      sameIP: true,
      sameHostname: true,
      podRestarted: false,
    });
    expect(move.blackoutMs).toBeLessThanOrEqual(blackoutLimitMs);
    expect(drainOutput).toContain('drained');
    expect(record.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Succeeded', status: 'True', reason: 'Moved' }),
    );
    expect(after.metadata.ownerReferences).toEqual([expect.objectContaining({ kind: 'ReplicaSet' })]);
  });

  it('and its ReplicaSet never had to start another', async () => {
    const { items } = await getJson<{ items: { reason: string }[] }>(
      'events',
      '-n',
      namespace,
      '--field-selector',
      'involvedObject.kind=ReplicaSet,reason=SuccessfulCreate',
    );
    expect(items).toHaveLength(1);
  });
});
