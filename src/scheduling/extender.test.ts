import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { migrationWith, podWith } from '../api/pod-fixture.ts';
import { builtInPolicy } from '../api/migration-policy.ts';
import type { Migration } from '../api/migration.ts';
import { FakeClock } from '../clock/fake-clock.ts';
import { lookupOf } from '../kube/fake-lookup.ts';
import { silentLog } from '../log/log.ts';
import type { TraceEvent } from '../trace/event.ts';
import { ProcessTrace } from '../trace/tracer.ts';
import { createExtender } from './extender.ts';
import { agentOf, nodeNamed, testTime } from './node-fixture.ts';

const preparing = migrationWith({
  status: { phase: 'Preparing', source: { nodeName: 'w1', podUID: 'uid-1' }, target: { podName: 'redis-1-m1' } },
});
const target = podWith({
  metadata: { name: 'redis-1-m1', annotations: { 'transship.dev/migration': 'redis-1-uid1' } },
});

let server: Server | undefined;
let traced: TraceEvent[] = [];
const write = (event: TraceEvent): void => void traced.push(event);

afterEach(() => {
  traced = [];
  server?.closeAllConnections();
  server?.close();
});

const post = async (path: string, body: unknown, migrations: Migration[] = [preparing]): Promise<Response> => {
  const app = express();
  app.use(
    createExtender({
      migrations: lookupOf(...migrations),
      migrationNodes: lookupOf(agentOf('w1'), agentOf('w2'), agentOf('w3'), agentOf('w5')),
      nodes: lookupOf(
        nodeNamed('w1'),
        nodeNamed('w2'),
        nodeNamed('w3', { spec: { unschedulable: true } }),
        nodeNamed('w5'),
      ),
      policyOfMove: () => builtInPolicy,
      clock: new FakeClock(testTime),
      tracer: new ProcessTrace({ run: '00000001', clock: new FakeClock(), write }).of('scheduler'),
      log: silentLog,
    }),
  );
  const listening = createServer(app).listen(0, '127.0.0.1');
  server = listening;
  await new Promise((resolve) => listening.once('listening', resolve));
  const { port } = listening.address() as AddressInfo;
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
};

const NodeNames = ['w1', 'w2', 'w3', 'w4'];

describe('filter', () => {
  it('answers names with names, and every refusal with its reason', async () => {
    const response = await post('/scheduling/filter', { Pod: target, Nodes: null, NodeNames });
    expect(await response.json()).toEqual({
      NodeNames: ['w2'],
      FailedNodes: {},
      FailedAndUnresolvableNodes: {
        w1: 'NodeIsSource: is the source of the move',
        w3: 'NodeCordoned: is cordoned',
        w4: 'NodeHasNoAgent: has no usable Transship agent (no Transship agent has reported from it)',
      },
      Error: '',
    });
  });

  it('answers nodes with nodes', async () => {
    const items = NodeNames.map((name) => ({ metadata: { name } }));
    const response = await post('/scheduling/filter', { Pod: target, Nodes: { items }, NodeNames: null });
    expect(await response.json()).toMatchObject({ Nodes: { items: [{ metadata: { name: 'w2' } }] } });
  });

  it('counts the other moves to a node, and not this one', async () => {
    const to = (uid: string, phase: string): Migration =>
      migrationWith({ metadata: { name: uid, uid }, status: { phase, target: { podName: uid, nodeName: 'w2' } } });
    const moves = [to('a', 'Moving'), to('b', 'Preparing'), to('c', 'Succeeded'), preparing];
    const response = await post('/scheduling/filter', { Pod: target, NodeNames: ['w2'] }, moves);
    expect(await response.json()).toMatchObject({
      FailedAndUnresolvableNodes: { w2: 'NodeInboundLimitReached: takes 2 moves already, the limit is 2' },
    });
  });

  it('prefers nodes that were not at fault in an earlier attempt', async () => {
    const again = migrationWith({
      status: {
        ...preparing.status,
        attempt: 2,
        attempts: [
          {
            number: 1,
            phase: 'Moving',
            nodeName: 'w2',
            endTime: '2026-01-01T00:00:00Z',
            reason: 'RestoreFailed',
            message: 'CRIU said no',
          },
        ],
      },
    });
    const asked = async (names: string[]) =>
      (await post('/scheduling/filter', { Pod: target, NodeNames: names }, [again])).json();
    expect(await asked(['w2', 'w5'])).toMatchObject({
      NodeNames: ['w5'],
      FailedAndUnresolvableNodes: { w2: 'NodeWasAtFault: was at fault in an earlier attempt of the move' },
    });
    expect(await asked(['w2', 'w3'])).toMatchObject({ NodeNames: ['w2'] });
  });

  const forGood: [string, object, Migration[], string][] = [
    [
      'a pod that is no target',
      podWith(),
      [preparing],
      'the pod is no target of a move; only targets are for the scheduler transship',
    ],
    [
      'a pod that only says that it is the target',
      { ...target, metadata: { ...target.metadata, name: 'other' } },
      [preparing],
      'the target of Migration shop/redis-1-uid1 is another pod',
    ],
    [
      'the target of a move that is finished',
      target,
      [migrationWith({ status: { phase: 'Failed', target: { podName: 'redis-1-m1' } } })],
      'Migration shop/redis-1-uid1 is finished (Failed)',
    ],
  ];
  it.each(forGood)('gives no node to %s', async (_case, Pod, migrations, why) => {
    const response = await post('/scheduling/filter', { Pod, NodeNames: ['w2'] }, migrations);
    expect(await response.json()).toMatchObject({ NodeNames: [], FailedAndUnresolvableNodes: { w2: why }, Error: '' });
  });

  const notYet: [string, Migration[], string][] = [
    ['the Migration is not known yet', [], 'the pod is the target of Migration shop/redis-1-uid1, which is not known'],
    [
      'the source is not known yet',
      [migrationWith()],
      'the source of Migration redis-1-uid1 has not been looked at yet',
    ],
    [
      "the source's agent is not heard of",
      [migrationWith({ status: { source: { nodeName: 'w9', podUID: 'uid-1' } } })],
      'the node of the source, w9, cannot be compared with: no Transship agent has reported from it',
    ],
  ];
  it.each(notYet)('asks to be asked again while %s', async (_case, migrations, Error) => {
    const response = await post('/scheduling/filter', { Pod: target, NodeNames: ['w2'] }, migrations);
    expect(await response.json()).toEqual({ Error });
  });
});

describe('prioritize', () => {
  it('gives a score a node', async () => {
    const response = await post('/scheduling/prioritize', { Pod: target, NodeNames: ['w2', 'w3'] });
    expect(await response.json()).toEqual([
      { Host: 'w2', Score: 5 },
      { Host: 'w3', Score: 5 },
    ]);
  });

  it('gives none to a pod that is no target', async () => {
    const response = await post('/scheduling/prioritize', { Pod: podWith(), NodeNames: ['w2'] });
    expect(await response.json()).toEqual([{ Host: 'w2', Score: 0 }]);
  });
});

describe('what cannot be read is refused with what is wrong about it', () => {
  it.each([
    ['no JSON', '{', /JSON/],
    ['no pod', { NodeNames }, /^not ExtenderArgs: Pod: /],
  ])('%s', async (_case, body, message) => {
    const response = await post('/scheduling/filter', body);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { Error: string }).Error).toMatch(message);
  });
});

describe('the trace of a move', () => {
  it('says how many nodes were found to fit, after what the record knows', async () => {
    const trace = { 'controller@00000002': 3 };
    const known = migrationWith({ status: { ...preparing.status, trace } });
    await post('/scheduling/filter', { Pod: target, NodeNames }, [known]);
    expect(traced).toMatchObject([
      { migration: 'm-1', label: 'finds 1 of 4 nodes fit', clock: { ...trace, 'scheduler@00000001': 1 } },
    ]);
  });

  it('has nothing of what no move is told of', async () => {
    await post('/scheduling/filter', { Pod: target, NodeNames }, []);
    await post('/scheduling/prioritize', { Pod: target, NodeNames });
    expect(traced).toEqual([]);
  });
});
