import { describe, expect, it } from 'vitest';
import type { MigrationStatus } from '../../api/migration.ts';
import type { Node } from '../../api/pod.ts';
import type { Facts } from '../facts.ts';
import {
  agentOf,
  decommissioned,
  factsWith,
  migrationWith,
  nodeWith,
  now,
  podWith,
  source,
  sourceUID,
  target,
} from '../move-fixture.ts';
import { builtIn } from '../policy/policy.ts';
import { decidePending } from './pending.ts';

const another = (phase: MigrationStatus['phase'], changes: { status?: object; metadata?: object } = {}) =>
  migrationWith({ phase, source, target, ...changes.status }, {}, { name: 'first', uid: 'first', ...changes.metadata });

/** Of the very pod, or of whichever has the name. */
const byUID = migrationWith(undefined, { podUID: sourceUID });
const byName = migrationWith();

interface Outcome {
  readonly phase: string | undefined;
  readonly reason: string | undefined;
  readonly message: string | undefined;
}

const outcomeOf = (facts: Partial<Facts>): Partial<Outcome> => {
  const step = decidePending(factsWith(facts), now).find((each) => each.do === 'writeStatus');
  const { phase, reason, message } = step?.patch.status ?? {};
  return { phase, reason, message };
};

const moved = 'Pod default/web-1 has been moved by Migration first: it runs as web-1-m3fa9c2 on node n2';
const waiting = { phase: 'Pending', reason: 'Waiting', message: 'the Migration first is moving this pod' };

describe('a second Migration of one pod', () => {
  it.each<[string, Partial<Facts>, Partial<Outcome>]>([
    ['waits while the first moves it', { others: [another('Moving')] }, waiting],
    [
      'waits also when the pod is gone but the move is not over',
      { source: undefined, others: [another('Committed')] },
      waiting,
    ],
    [
      'waits also while the pod is being removed and the move is not over',
      { source: podWith({ metadata: { deletionTimestamp: 'x' } }), others: [another('Committed')] },
      waiting,
    ],
    [
      'fails when the first has moved it',
      { source: undefined, others: [another('Succeeded')] },
      { phase: 'Failed', reason: 'AlreadyMoved', message: `AlreadyMoved: ${moved}` },
    ],
    [
      'fails so too while the pod is still being removed',
      { source: podWith({ metadata: { deletionTimestamp: 'x' } }), others: [another('Succeeded')] },
      { reason: 'AlreadyMoved' },
    ],
    [
      'names the latest of several that moved pods of that name',
      {
        source: undefined,
        others: [another('Succeeded', { metadata: { name: 'old', creationTimestamp: '2025' } }), another('Succeeded')],
        migration: byName,
      },
      { message: `AlreadyMoved: ${moved}` },
    ],
    ['goes on when the first has failed', { others: [another('Failed')] }, { phase: 'Inspecting', reason: 'Accepted' }],
    [
      'fails for its own reason when the first lost the pod',
      { source: undefined, others: [another('Lost')] },
      { phase: 'Failed', reason: 'PodNotFound' },
    ],
  ])('%s', (_what, facts, expected) => {
    expect(outcomeOf({ migration: byUID, ...facts })).toMatchObject(expected);
  });

  it.each<[string, Partial<Facts>]>([
    ['in another namespace', { others: [another('Succeeded', { metadata: { namespace: 'other' } })] }],
    [
      'of an earlier pod of that name',
      { others: [another('Succeeded', { status: { source: { ...source, podUID: 'old' } } })] },
    ],
    ['that was never accepted', { others: [another('Failed', { status: { source: undefined } })] }],
  ])('is not kept up by one %s', (_what, facts) => {
    expect(outcomeOf({ migration: byName, ...facts })).toMatchObject({ phase: 'Inspecting' });
  });
});

describe('a Migration that is accepted', () => {
  const policy = { name: 'strict', spec: { ...builtIn.spec, retries: 1, priority: 7 } };
  const acceptedUnder = (facts: Partial<Facts>) => {
    const step = decidePending(factsWith(facts), now).find((each) => each.do === 'writeStatus');
    return step?.patch.status;
  };

  it('says under which policy, and with what priority', () => {
    expect(acceptedUnder({ policy })).toMatchObject({
      phase: 'Inspecting',
      message:
        'Pod can be moved away from node n1 as far as its specification tells; MigrationPolicy strict holds for it',
      terms: { policy: 'strict', priority: 7, retries: 1, maxFreezeSeconds: 10 },
    });
  });

  it('says that it must not end connections, where the policy wants that', () => {
    const strict = { name: 'strict', spec: { ...builtIn.spec, lostConnections: 'Refuse' as const } };
    expect(acceptedUnder({ policy: strict })?.terms).toMatchObject({ lostConnections: 'Refuse' });
  });

  it('names no policy where there is none', () => {
    expect(acceptedUnder({})?.terms).toEqual({ retries: 3, maxFreezeSeconds: 10, priority: 0 });
  });
});

it('a Migration of a pod for which no policy holds is refused', () => {
  const conflict = { reason: 'PolicyConflict', message: 'a and b' } as const;
  expect(outcomeOf({ policy: { conflict } })).toEqual({
    phase: 'Failed',
    reason: 'PolicyConflict',
    message: 'PolicyConflict: a and b',
  });
});

describe('a Migration that names a node', () => {
  const asking = migrationWith(undefined, { targetNodeName: 'n2' });
  const nodeOf = (name: string, criuVersion = '4.2.1', spec: Node['spec'] = {}) => ({
    name,
    node: nodeWith(name, spec),
    agent: agentOf(name, { criuVersion }),
    inbound: 0,
  });
  const around = (...candidates: ReturnType<typeof nodeOf>[]) => ({ places: { sourceNode: undefined, candidates } });
  const wantedNode = { node: nodeWith('n2'), agent: agentOf('n2') };

  it.each<[string, Partial<Facts>, Partial<Outcome>]>([
    ['is accepted when it fits there', { surroundings: around(nodeOf('n2')) }, { phase: 'Inspecting' }],
    [
      'is refused when it fits elsewhere only',
      { surroundings: around(nodeOf('n2', '3.17'), nodeOf('n3')) },
      {
        phase: 'Failed',
        reason: 'NoNodeFits',
        message:
          "NoNodeFits: Pod default/web-1 does not fit on node n2: NodeCRIUTooOld: has CRIU 3.17, older than the source's 4.2.1 (n2)",
      },
    ],
    [
      'is refused when that node is decommissioned',
      { surroundings: around(nodeOf('n2', '4.2.1', decommissioned), nodeOf('n3')) },
      {
        phase: 'Failed',
        reason: 'NoNodeFits',
        message: 'NoNodeFits: Pod default/web-1 does not fit on node n2: NodeDecommissioned: is decommissioned (n2)',
      },
    ],
    [
      'is accepted when that node is cordoned, and may be open again before it is too late',
      { surroundings: around(nodeOf('n2', '4.2.1', { unschedulable: true })) },
      { phase: 'Inspecting' },
    ],
    [
      'is refused for what is wrong with the name alone',
      { wantedNode: { node: undefined, agent: undefined }, surroundings: around(nodeOf('n3', '3.17')) },
      { message: 'TargetNodeNotFound: Node n2 does not exist' },
    ],
  ])('%s', (_what, facts, expected) => {
    expect(outcomeOf({ migration: asking, wantedNode, ...facts })).toMatchObject(expected);
  });
});

describe('a Migration without its pod', () => {
  it.each<[string, Partial<Facts>, string]>([
    ['that does not exist', { source: undefined }, 'PodNotFound: Pod default/web-1 does not exist'],
    [
      'that has been replaced',
      { source: podWith({ metadata: { uid: 'new' } }), migration: byUID },
      'PodNotFound: Pod default/web-1 has been replaced by another of the same name (UID new)',
    ],
    [
      'that has been replaced, when a later move concerned the later pod',
      {
        source: podWith({ metadata: { uid: 'new' } }),
        migration: byUID,
        others: [another('Succeeded', { status: { source: { ...source, podUID: 'new' } } })],
      },
      'PodNotFound: Pod default/web-1 has been replaced by another of the same name (UID new)',
    ],
  ])('%s fails and says so', (_what, facts, message) => {
    expect(outcomeOf(facts)).toEqual({ phase: 'Failed', reason: 'PodNotFound', message });
  });
});
