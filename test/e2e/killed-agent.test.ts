import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentLog } from '../cluster/agents.ts';
import { type CounterClient, startCounter } from '../cluster/counter-client.ts';
import { killAgentInFreeze } from '../cluster/killed-agent.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { overMove, requestMove } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { nftTablesOf } from '../cluster/node-kernel.ts';
import { startingOn } from '../cluster/nodes.ts';
import { deployRedis, fill, identityOf, type PodView, readyPod } from '../cluster/redis.ts';

const keys = 10_000;

describe.each([
  ['containerd', 'n1', 'n3', 0],
  ['Docker', 'n3', 'n1', 40],
])('an agent on %s', (runtime, node, target, afterMs) => {
  const namespace = `e2e-killed-${runtime.toLowerCase()}`;
  let pod: PodView;
  let client: CounterClient;

  beforeAll(async () => {
    await freshNamespace(namespace);
    const spec = { affinity: startingOn(node, target) };
    pod = (await deployRedis({ namespace, name: 'redis', startOn: node, spec }, [])).pod;
    await fill(namespace, pod.metadata.name, keys);
    client = await startCounter('n0', { host: pod.status.podIP ?? '', port: 6379 }, `killed-${runtime}`);
  });
  afterAll(async () => {
    await client.close();
    await removeNamespace(namespace);
  });

  it(`that is killed ${afterMs} ms after the freeze leaves a pod that runs on, and moves it when it is back`, async () => {
    const name = 'killed';
    const { name: podName, uid } = pod.metadata;
    const was = await identityOf(namespace, podName);
    await client.lap();
    const killed = killAgentInFreeze(node, uid, afterMs);
    killed.catch(() => undefined); // awaited below
    await requestMove(namespace, name, { podName, targetNodeName: target });
    await killed;
    await sleep(1_000); // less than a kubelet needs to start the agent anew
    const rollback = await client.lap();
    expect(rollback).toMatchObject({ connected: true, jumps: 0 });
    expect(rollback.longestGapMs).toBeLessThan(1_000);
    const move = await overMove(namespace, name);
    expect(move.status).toMatchObject({
      phase: 'Succeeded',
      reason: 'Moved',
      attempts: [{ number: 1, phase: 'Moving', nodeName: target, reason: 'AgentRestarted' }],
    });
    const after = await readyPod({ namespace, name: 'redis' }, target);
    expect(await identityOf(namespace, after.metadata.name)).toEqual(was);
    expect(await client.lap()).toMatchObject({ connected: true, jumps: 0 });
    expect(await nftTablesOf(target, after.metadata.uid)).not.toMatch(/CRIU/);
    // For a moment the kubelet gives the log of the container before.
    await expect
      .poll(() => agentLog(node, '60s'), { timeout: 15_000, interval: 500 })
      .toContain('A guard thawed a source when the agent had died');
    await kubectl('rollout', 'status', 'daemonset/transship-agent', '-n', 'transship-system', '--timeout=60s');
  });
});
