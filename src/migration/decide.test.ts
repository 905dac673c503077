import { describe, expect, it } from 'vitest';
import type { MigrationStatus } from '../api/migration.ts';
import type { Phase } from '../api/phase.ts';
import type { Facts } from './facts.ts';
import { decide } from './decide.ts';
import {
  address,
  agentOf,
  factsWith,
  leaseWith,
  migrationUID,
  migrationWith,
  movable,
  now,
  podWith,
  source,
  sourceUID,
  target,
  targetName,
  targetUID,
  targetWith,
} from './move-fixture.ts';
import type { Step } from './step.ts';

/** Steps as a reader wants to see them. */
const told = (step: Step): string => {
  if (step.do === 'writeStatus')
    return `write ${step.patch.status.phase ?? 'status'} ${step.patch.status.reason ?? ''}`.trim();
  if (step.do === 'tell') return `tell ${step.reason}`;
  if (step.do === 'deletePod') return `delete ${step.pod.name}`;
  if (step.do === 'patchPod') return `patch ${step.name}`;
  if (step.do === 'createTarget') return `create ${step.pod.metadata.name}`;
  return step.do;
};

const plan = (changes: Partial<Facts>, at = now): string[] => decide(factsWith(changes), at).map(told);
const message = (changes: Partial<Facts>, at = now): string | undefined =>
  decide(factsWith(changes), at).flatMap((step) => (step.do === 'writeStatus' ? [step.patch.status.message] : []))[0];

const since = (phase: Phase, time: number) => [{ phase, time: new Date(time).toISOString() }];
/** In this phase for a second. */
const inPhase = (phase: Phase, fields: Partial<MigrationStatus> = {}) =>
  migrationWith({ phase, source, phaseTransitions: since(phase, now - 1_000), ...fields });

const asked = inPhase('Inspecting');
const inspecting = inPhase('Inspecting', { conditions: [movable] });
const preparing = inPhase('Preparing', { target: { podName: targetName } });
const prepared = inPhase('Preparing', { target });
const arrived = inPhase('Arrived', { target });
const moving = inPhase('Moving', { target });
const committed = inPhase('Committed', { target });
const released = migrationWith({
  ...committed.status,
  target: { ...target, releaseTime: new Date(now - 500).toISOString() },
});
const failed = migrationWith({ phase: 'Failed', reason: 'DumpFailed', message: 'CRIU said no', source, target });
const lease = leaseWith({ nodeName: 'n2', podName: targetName, podUID: targetUID });
const unready = { conditions: [] };
const retrying = migrationWith({
  phase: 'Retrying',
  source,
  target,
  attempt: 2,
  terms: { retries: 3, maxFreezeSeconds: 10 },
  conditions: [movable],
  notBefore: new Date(now + 1_000).toISOString(),
});

const containerIs = (changes: object) => ({
  containerStatuses: [
    { name: 'web', image: '', imageID: '', containerID: 'docker://c2', ready: true, restartCount: 0, ...changes },
  ],
});
/** A target whose container does not run, and what the kubelet says of it. */
const waitingFor = (reason: string, message: string) =>
  targetWith({
    status: containerIs({ containerID: undefined, ready: false, state: { waiting: { reason, message } } }),
  });
const unscheduled = targetWith({
  spec: { nodeName: undefined },
  status: { conditions: [{ type: 'PodScheduled', status: 'False', message: '0/4 nodes are available' }] },
});

describe('a Migration that waits', () => {
  it.each<[string, Partial<Facts>, string[]]>([
    [
      'is held before anything is made for it',
      { migration: migrationWith(undefined, {}, { finalizers: [] }) },
      ['patchMigration'],
    ],
    ['is accepted when nothing speaks against it', {}, ['write Inspecting Accepted', 'tell Accepted']],
    ['fails when the pod does not exist', { source: undefined }, ['write Failed PodNotFound']],
    [
      'fails when the pod is another one by now',
      { migration: migrationWith(undefined, { podUID: 'old' }) },
      ['write Failed PodNotFound'],
    ],
    [
      'fails with every reason',
      { source: podWith({ spec: { hostNetwork: true, hostPID: true } }) },
      ['write Failed HostNetworkUsed'],
    ],
    [
      'fails when the wished node does not exist',
      { migration: migrationWith(undefined, { targetNodeName: 'n9' }) },
      ['write Failed TargetNodeNotFound'],
    ],
    [
      'fails when the wished node is the source',
      {
        migration: migrationWith(undefined, { targetNodeName: 'n1' }),
        wantedNode: { exists: true, agent: agentOf('n1') },
      },
      ['write Failed TargetNodeIsSource'],
    ],
    [
      'fails when the wished node has no agent',
      { migration: migrationWith(undefined, { targetNodeName: 'n2' }), wantedNode: { exists: true, agent: undefined } },
      ['write Failed TargetNodeHasNoAgent'],
    ],
    [
      'is accepted when the wished node has one',
      {
        migration: migrationWith(undefined, { targetNodeName: 'n2' }),
        wantedNode: { exists: true, agent: agentOf('n2') },
      },
      ['write Inspecting Accepted', 'tell Accepted'],
    ],
    [
      'waits while the same pod is being moved',
      { others: [migrationWith({ phase: 'Preparing', source })] },
      ['write Pending Waiting', 'lookAgain'],
    ],
    [
      'waits for room on its node',
      { others: [1, 2].map(() => migrationWith({ phase: 'Moving', source: { nodeName: 'n1', podUID: 'x' } })) },
      ['write Pending Waiting', 'lookAgain'],
    ],
    [
      'waits for room in the cluster',
      {
        others: Array.from({ length: 10 }, (_, n) =>
          migrationWith({ phase: 'Moving', source: { nodeName: `x${n}`, podUID: 'x' } }),
        ),
      },
      ['write Pending Waiting', 'lookAgain'],
    ],
    [
      'does not wait for those that wait or have ended',
      {
        others: (['Pending', 'Failed', 'Cancelled'] as const).map((phase) => migrationWith({ phase, source })),
      },
      ['write Inspecting Accepted', 'tell Accepted'],
    ],
  ])('%s', (_name, facts, expected) => {
    expect(plan(facts)).toEqual(expected);
  });

  it('says every reason in one message', () => {
    expect(message({ source: podWith({ spec: { hostNetwork: true, hostPID: true } }) })).toBe(
      'HostNetworkUsed: Pod default/web-1 uses hostNetwork; HostPIDUsed: Pod default/web-1 uses hostPID',
    );
  });

  it('says only once why it waits', () => {
    const others = [migrationWith({ phase: 'Preparing', source })];
    const said = message({ others }) ?? '';
    expect(said).toBe('the Migration move is moving this pod');
    expect(plan({ others, migration: migrationWith({ reason: 'Waiting', message: said }) })).toEqual(['lookAgain']);
  });
});

describe('a Migration before the commit', () => {
  it.each<[string, Partial<Facts>, string[]]>([
    ["waits for the source's agent", { migration: asked }, ['lookAgain']],
    [
      'reserves the address and announces the target',
      { migration: inspecting },
      ['createLease', 'write Preparing TargetCreated'],
    ],
    [
      'takes over a lease of nobody',
      { migration: inspecting, lease: leaseWith({ podUID: 'dead' }) },
      ['patchLease', 'write Preparing TargetCreated'],
    ],
    ['leaves a lease that is right', { migration: inspecting, lease: leaseWith() }, ['write Preparing TargetCreated']],
    [
      "takes the attempt back when the address is somebody else's",
      { migration: inspecting, lease: leaseWith({ podUID: 'other' }), leaseIsInUse: true },
      ['write Retrying AddressConflict'],
    ],
    ['makes the target', { migration: preparing }, [`create ${targetName}`]],
    [
      'notes down the target it finds, and who it is',
      { migration: preparing, target: targetWith({ spec: { nodeName: undefined } }) },
      ['write status', 'lookAgain'],
    ],
    ["waits for the target's agent", { migration: prepared, target: targetWith() }, ['lookAgain']],
    [
      'fails when the API server refuses the target',
      { migration: preparing, created: { refusal: 'exceeded quota' } },
      ['write Failed TargetPodRejected'],
    ],
    [
      "fails when somebody else's pod has that name",
      { migration: preparing, target: podWith({ metadata: { name: targetName } }) },
      ['write Failed TargetPodRejected'],
    ],
    [
      'removes a target that another webhook has changed',
      { migration: preparing, target: targetWith({ spec: { runtimeClassName: undefined } }) },
      [`delete ${targetName}`, 'write Failed TargetEscaped'],
    ],
    [
      'removes a target that another webhook has changed beyond recognition',
      { migration: preparing, target: podWith({ metadata: { name: targetName, uid: 'u' } }), created: { uid: 'u' } },
      [`delete ${targetName}`, 'write Failed TargetEscaped'],
    ],
    [
      'takes the attempt back when the target is gone, and makes no second one in it',
      { migration: prepared },
      ['write Retrying TargetPodGone'],
    ],
    [
      'takes the attempt back when the target is being deleted',
      { migration: arrived, target: targetWith({ metadata: { deletionTimestamp: 'x' } }) },
      ['write Retrying TargetPodGone'],
    ],
    [
      'takes the attempt back when the target has ended',
      { migration: prepared, target: targetWith({ status: { phase: 'Failed' } }) },
      ['write Retrying TargetPodGone'],
    ],
    [
      'fails when the source is gone',
      { migration: arrived, source: undefined, target: targetWith() },
      ['write Failed SourceGone'],
    ],
    [
      'fails when the source is another pod',
      { migration: prepared, source: podWith({ metadata: { uid: 'new' } }), target: targetWith() },
      ['write Failed SourceGone'],
    ],
    [
      'fails when the source is being deleted',
      { migration: inspecting, source: podWith({ metadata: { deletionTimestamp: 'x' } }) },
      ['write Failed SourceGone'],
    ],
    [
      'takes the attempt back when the target is another pod by now',
      { migration: prepared, target: targetWith({ metadata: { uid: 'new' } }) },
      ['write Retrying TargetPodGone'],
    ],
    [
      'takes the attempt back when the node cannot get the image',
      { migration: prepared, target: waitingFor('ImagePullBackOff', 'no such image') },
      ['write Retrying TargetNotStarted'],
    ],
    [
      "waits while the kubelet tries again to start the target's container",
      { migration: prepared, target: waitingFor('CreateContainerError', 'no such runtime') },
      ['lookAgain'],
    ],
    [
      'fails when the container of the source was started anew',
      {
        migration: migrationWith({ ...arrived.status, source: { ...source, containerID: 'c0' } }),
        target: targetWith(),
      },
      ['write Failed SourceGone'],
    ],
    [
      'fails when the source has ended',
      { migration: prepared, source: podWith({ status: { phase: 'Succeeded' } }), target: targetWith() },
      ['write Failed SourceGone'],
    ],
    ['leaves the record to the agents while they move', { migration: moving, source: undefined }, ['lookAgain']],
  ])('%s', (_name, facts, expected) => {
    expect(plan(facts)).toEqual(expected);
  });

  it.each([migrationWith(), inspecting, preparing, arrived, moving, retrying])(
    'ends at its deadline, when it is cancelled and when it is deleted (%#)',
    (migration) => {
      const target = targetWith();
      expect(plan({ migration, target }, now + 600_000)).toEqual(['write Failed DeadlineExceeded']);
      expect(plan({ migration: { ...migration, spec: { ...migration.spec, cancel: true } }, target })).toEqual([
        'write Cancelled CancelRequested',
      ]);
      expect(
        plan({ migration: { ...migration, metadata: { ...migration.metadata, deletionTimestamp: 'x' } }, target }),
      ).toEqual(['write Cancelled CancelRequested']);
    },
  );

  it('says what the scheduler says when no node was found in time', () => {
    const conditions = [{ type: 'PodScheduled', status: 'False', message: '0/4 nodes are available' }];
    const facts = {
      migration: preparing,
      target: targetWith({ spec: { nodeName: undefined }, status: { conditions } }),
    };
    expect(plan(facts, now + 600_000)).toEqual(['write Failed NoNodeFits']);
    expect(message(facts, now + 600_000)).toBe('not committed within 600 s: 0/4 nodes are available');
  });

  it.each<[string, Partial<Facts>, number, { readonly written: string; readonly says: string }]>([
    [
      "the source's agent does not look at it within 30 s",
      { migration: asked },
      30_000,
      { written: 'Retrying SourceAgentSilent', says: 'the agent of node n1 did not end phase Inspecting within 30 s' },
    ],
    [
      'the scheduler finds no node within 120 s',
      { migration: preparing, target: unscheduled },
      120_000,
      { written: 'Failed NoNodeFits', says: 'no node within 120 s: 0/4 nodes are available' },
    ],
    [
      'the target does not get to the rendezvous within 120 s',
      { migration: prepared, target: waitingFor('CreateContainerError', 'no such runtime') },
      120_000,
      {
        written: 'Retrying TargetNotReady',
        says: 'the target pod did not reach the rendezvous on node n2 within 120 s: CreateContainerError: no such runtime',
      },
    ],
    [
      "the source's agent does not begin within 30 s",
      { migration: arrived, target: targetWith() },
      30_000,
      { written: 'Retrying SourceAgentSilent', says: 'the agent of node n1 did not end phase Arrived within 30 s' },
    ],
    [
      "the source's agent does not end the move within 120 s",
      { migration: moving, target: targetWith() },
      120_000,
      { written: 'Retrying SourceAgentSilent', says: 'the agent of node n1 did not end phase Moving within 120 s' },
    ],
  ])('is taken back when %s', (_what, { migration, ...facts }, limit, { written, says }) => {
    const entered = migrationWith({
      ...migration?.status,
      phaseTransitions: since(migration?.status?.phase ?? 'Pending', now),
    });
    const at = (ms: number) => plan({ migration: entered, ...facts }, now + ms);
    expect(at(limit - 1).filter((step) => step === `write ${written}`)).toEqual([]);
    expect(at(limit)).toEqual([`write ${written}`]);
    expect(message({ migration: entered, ...facts }, now + limit)).toBe(says);
  });

  it('counts the limit of a resumed phase from when the attempt may begin', () => {
    const migration = migrationWith({
      ...arrived.status,
      attempt: 2,
      notBefore: new Date(now + 5_000).toISOString(),
      phaseTransitions: since('Arrived', now),
    });
    expect(plan({ migration, target: targetWith() }, now + 34_999)).toEqual(['lookAgain']);
    expect(plan({ migration, target: targetWith() }, now + 35_000)).toEqual(['write Retrying SourceAgentSilent']);
  });
});

describe('a Migration between two attempts', () => {
  it.each<[string, Partial<Facts>, number, string[]]>([
    [
      'removes the target of the last one first',
      { target: targetWith() },
      5_000,
      [`delete ${targetName}`, 'lookAgain'],
    ],
    [
      'waits for that target to be gone, also after the pause',
      { target: targetWith({ metadata: { deletionTimestamp: 'x' } }) },
      5_000,
      [`delete ${targetName}`, 'lookAgain'],
    ],
    [
      "leaves somebody else's pod of that name",
      { target: podWith({ metadata: { name: targetName } }) },
      1_000,
      ['write Inspecting Accepted'],
    ],
    ['waits for the end of the pause', {}, 999, ['lookAgain']],
    ['looks at the source anew after it', {}, 1_000, ['write Inspecting Accepted']],
    ['ends when the source is gone', { source: undefined, target: targetWith() }, 0, ['write Failed SourceGone']],
  ])('%s', (_what, facts, after, expected) => {
    expect(plan({ migration: retrying, ...facts }, now + after)).toEqual(expected);
  });

  it('forgets what the last attempt has made, and trusts nothing that was seen in it', () => {
    const [write] = decide(factsWith({ migration: retrying }), now + 1_000);
    expect(write).toMatchObject({
      do: 'writeStatus',
      patch: {
        status: {
          phase: 'Inspecting',
          message: 'attempt 2 of at most 4 begins',
          target: null,
          notBefore: null,
          timings: null,
          imageBytes: null,
        },
      },
    });
    const conditions = write?.do === 'writeStatus' ? write.patch.status.conditions : [];
    expect(conditions?.find(({ type }) => type === 'Movable')?.status).toBe('Unknown');
  });

  it('gives the next target another name', () => {
    const second = inPhase('Inspecting', { conditions: [movable], attempt: 2 });
    const names = [inspecting, second].map((migration) =>
      decide(factsWith({ migration }), now).flatMap((step) =>
        step.do === 'writeStatus' ? [step.patch.status.target?.podName] : [],
      ),
    );
    expect(names[0]).toEqual([targetName]);
    expect(names[1]).not.toEqual(names[0]);
  });
});

describe('a Migration after the commit', () => {
  const handOver = ['patch web-1', `patch ${targetName}`, 'delete web-1'];
  const moved = ['write Succeeded Moved', 'tell Moved'];

  it.each<[string, Partial<Facts>, string[]]>([
    [
      'gives the address to the target at once',
      { migration: committed, target: targetWith({ status: unready }), lease: leaseWith() },
      ['patchLease', 'lookAgain'],
    ],
    [
      'says nothing of success before the agent has seen the target run, however ready the kubelet calls it',
      { migration: committed, target: targetWith() },
      ['lookAgain'],
    ],
    ['waits for the target to be ready', { target: targetWith({ status: unready }) }, ['lookAgain']],
    ['hands over when the target runs and is ready', { target: targetWith() }, [...handOver, ...moved]],
    [
      'goes on where it was interrupted',
      { target: targetWith({ metadata: { labels: {} } }) },
      ['delete web-1', ...moved],
    ],
    [
      'does not need the source any more',
      { target: targetWith(), source: undefined },
      [`patch ${targetName}`, ...moved],
    ],
    [
      "does not touch a new pod of the source's name",
      { target: targetWith(), source: podWith({ metadata: { uid: 'new' } }) },
      [`patch ${targetName}`, ...moved],
    ],
    ['is lost when the target is gone', {}, ['write Lost TargetLost']],
    [
      'is lost when the target is another pod by now',
      { target: targetWith({ metadata: { uid: 'new' } }) },
      ['write Lost TargetLost'],
    ],
    [
      'is lost when the target has ended',
      { target: targetWith({ status: { phase: 'Failed' } }) },
      ['write Lost TargetLost'],
    ],
    [
      'is lost when the container is a new one',
      { target: targetWith({ status: containerIs({ containerID: 'docker://c3', state: { running: {} } }) }) },
      ['write Lost TargetLost'],
    ],
    [
      'is lost when the container was restarted, before anybody saw it run',
      {
        migration: committed,
        target: targetWith({ status: containerIs({ restartCount: 1, state: { running: {} } }) }),
      },
      ['write Lost TargetLost'],
    ],
    [
      'moves the address also to a target that is lost',
      { target: targetWith({ status: { phase: 'Failed' } }), lease: leaseWith() },
      ['patchLease', 'write Lost TargetLost'],
    ],
    [
      'is not stopped by cancel or deadline',
      {
        migration: migrationWith({ ...released.status }, { cancel: true, deadlineSeconds: 10 }),
        target: targetWith(),
      },
      [...handOver, ...moved],
    ],
  ])('%s', (_name, facts, expected) => {
    expect(plan({ migration: released, lease, ...facts })).toEqual(expected);
  });

  it('does not wait for readiness for ever', () => {
    const facts = { migration: released, target: targetWith({ status: unready }), lease };
    expect(plan(facts, now + 58_999)).toEqual(['lookAgain']);
    expect(plan(facts, now + 59_000)).toEqual([...handOver, ...moved]);
    expect(message(facts, now + 59_000)).toBe(
      `Pod web-1 was moved from node n1 to node n2 as ${targetName}; it is not ready yet`,
    );
  });

  const targetNode = { metadata: { name: 'n2', uid: 'n2', resourceVersion: '1' }, status: { conditions: [] } };

  it.each<[string, Partial<Facts>, number, string[]]>([
    ['waits at first for a node that is not ready', { targetNode }, 58_999, ['lookAgain']],
    ['is lost with a node that is not ready after a minute', { targetNode }, 59_000, ['write Lost TargetLost']],
    ['is lost with a node that does not exist', { targetNode: undefined }, 59_000, ['write Lost TargetLost']],
    ['waits longer for the agent of a node that lives', {}, 298_999, ['lookAgain']],
    ['is lost when that agent says nothing for five minutes', {}, 299_000, ['write Lost TargetLost']],
    [
      'is not lost with its node once the target was seen to run',
      { migration: released, targetNode },
      59_000,
      [...handOver, ...moved],
    ],
  ])('%s', (_what, facts, after, expected) => {
    expect(plan({ migration: committed, target: targetWith(), lease, ...facts }, now + after)).toEqual(expected);
  });

  it.each<[string, Partial<Facts>, number, string]>([
    ['the pod', { target: undefined }, 0, `the target pod ${targetName} does not exist any more`],
    ['the node', { targetNode }, 59_000, `the node n2 of the target pod ${targetName} is not ready`],
    ['the agent', {}, 299_000, `the agent of its node did not say within 300 s that the target pod ${targetName} runs`],
  ])('says of a loss that %s was at fault, and what it means', (_what, facts, after, why) => {
    expect(message({ migration: committed, target: targetWith(), lease, ...facts }, now + after)).toBe(
      `${why}, after the commit; the pod starts anew`,
    );
  });

  it('gives the address to that very target', () => {
    const [step] = decide(
      factsWith({
        migration: committed,
        target: targetWith(),
        lease: leaseWith({}, { 'transship.dev/migration': migrationUID }),
      }),
      now,
    );
    expect(step).toMatchObject({
      name: address.ip,
      patch: {
        metadata: { resourceVersion: '31', annotations: { 'transship.dev/migration': null } },
        spec: { nodeName: 'n2', podUID: targetUID },
      },
    });
  });
});

describe('a Migration that is lost', () => {
  const lost = migrationWith({ ...released.status, phase: 'Lost', reason: 'TargetLost', message: 'it has ended' });
  const told = ['write status', 'tell TargetLost', 'tell TargetLost'];

  it.each<[string, Partial<Facts>, string[]]>([
    [
      'gives its owner a target that was started anew',
      { target: targetWith() },
      ['patch web-1', `patch ${targetName}`, 'delete web-1', ...told],
    ],
    ['removes the source when the target is gone, so that the owner makes another', {}, ['delete web-1', ...told]],
    [
      'removes a target that has ended, which has no owner that would',
      { target: targetWith({ status: { phase: 'Failed' } }) },
      [`delete ${targetName}`, 'delete web-1', ...told],
    ],
    [
      'leaves a target that is being deleted',
      { target: targetWith({ metadata: { deletionTimestamp: 'x' } }) },
      ['delete web-1', ...told],
    ],
    [
      "touches no other pod of the target's or the source's name",
      { target: targetWith({ metadata: { uid: 'new' } }), source: podWith({ metadata: { uid: 'new' } }) },
      told,
    ],
  ])('%s', (_what, facts, expected) => {
    expect(plan({ migration: lost, ...facts })).toEqual(expected);
  });

  it('says so once, about both pods and in the conditions', () => {
    const steps = decide(factsWith({ migration: lost }), now);
    expect(steps.flatMap((step) => (step.do === 'tell' ? [step.pod] : []))).toEqual([
      { name: 'web-1', uid: sourceUID },
      { name: targetName, uid: targetUID },
    ]);
    const [write] = steps.flatMap((step) => (step.do === 'writeStatus' ? [step.patch.status] : []));
    expect(write?.phase).toBeUndefined();
    expect(write?.conditions?.map(({ type, status, message }) => `${type} ${status} ${message}`)).toEqual([
      'Finished True it has ended',
      'Succeeded False it has ended',
    ]);
  });
});

describe('a Migration that has failed', () => {
  it.each<[string, Partial<Facts>, string[]]>([
    [
      'removes the target and the address it reserved',
      { target: targetWith(), lease: leaseWith({}, { 'transship.dev/migration': migrationUID }) },
      [`delete ${targetName}`, 'deleteLease', 'write status', 'tell DumpFailed'],
    ],
    [
      'leaves an older lease of the source',
      { target: targetWith(), lease: leaseWith() },
      [`delete ${targetName}`, 'write status', 'tell DumpFailed'],
    ],
    [
      'leaves a pod that only has the name',
      { target: podWith({ metadata: { name: targetName } }) },
      ['write status', 'tell DumpFailed'],
    ],
    ['never touches the source', {}, ['write status', 'tell DumpFailed']],
  ])('%s', (_name, facts, expected) => {
    expect(plan({ migration: failed, ...facts })).toEqual(expected);
  });

  it('says the same reason in conditions and events, about itself and the pod', () => {
    const steps = decide(factsWith({ migration: failed }), now);
    const said = { reason: 'DumpFailed', message: 'CRIU said no' };
    expect(steps.at(-1)).toEqual({ do: 'tell', type: 'Warning', ...said, pod: { name: 'web-1', uid: sourceUID } });
    const [write] = steps.flatMap((step) => (step.do === 'writeStatus' ? [step.patch.status] : []));
    expect(write?.conditions).toEqual([
      { type: 'Finished', status: 'True', ...said, lastTransitionTime: '2026-01-01T00:10:00Z' },
      { type: 'Succeeded', status: 'False', ...said, lastTransitionTime: '2026-01-01T00:10:00Z' },
    ]);
  });

  it('is let go when nothing is left of it', () => {
    const conditions = [
      { type: 'Finished', status: 'True', reason: 'DumpFailed', message: '', lastTransitionTime: '' },
    ] as const;
    expect(plan({ migration: migrationWith({ phase: 'Failed', conditions: [...conditions] }) })).toEqual([
      'patchMigration',
    ]);
    expect(
      plan({ migration: migrationWith({ phase: 'Failed', conditions: [...conditions] }, {}, { finalizers: [] }) }),
    ).toEqual([]);
  });
});
