import { describe, expect, it } from 'vitest';
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

const inspecting = migrationWith({ phase: 'Inspecting', source, conditions: [movable] });
const preparing = migrationWith({ phase: 'Preparing', source, target: { podName: targetName } });
const prepared = migrationWith({ phase: 'Preparing', source, target });
const arrived = migrationWith({ phase: 'Arrived', source, target });
const moving = migrationWith({ phase: 'Moving', source, target });
const committed = migrationWith({
  phase: 'Committed',
  source,
  target,
  phaseTransitions: [{ phase: 'Committed', time: new Date(now - 1_000).toISOString() }],
});
const failed = migrationWith({ phase: 'Failed', reason: 'DumpFailed', message: 'CRIU said no', source, target });
const lease = leaseWith({ nodeName: 'n2', podName: targetName, podUID: targetUID });
const unready = { conditions: [] };

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
    ["waits for the source's agent", { migration: migrationWith({ phase: 'Inspecting', source }) }, ['lookAgain']],
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
      "fails when the address is somebody else's",
      { migration: inspecting, lease: leaseWith({ podUID: 'other' }), leaseIsInUse: true },
      ['write Failed AddressConflict'],
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
    ['fails when the target is gone, and makes no second one', { migration: prepared }, ['write Failed TargetPodGone']],
    [
      'fails when the target is being deleted',
      { migration: arrived, target: targetWith({ metadata: { deletionTimestamp: 'x' } }) },
      ['write Failed TargetPodGone'],
    ],
    [
      'fails when the target has ended',
      { migration: prepared, target: targetWith({ status: { phase: 'Failed' } }) },
      ['write Failed TargetPodGone'],
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
    ['leaves the record to the agents while they move', { migration: moving, source: undefined }, ['lookAgain']],
  ])('%s', (_name, facts, expected) => {
    expect(plan(facts)).toEqual(expected);
  });

  it.each([migrationWith(), inspecting, preparing, arrived, moving])(
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
});

describe('a Migration after the commit', () => {
  const handOver = ['patch web-1', `patch ${targetName}`, 'delete web-1'];
  const gone = ['write status TargetPodGone', 'tell TargetPodGone', 'tell TargetPodGone'];

  it.each<[string, Partial<Facts>, string[]]>([
    [
      'gives the address to the target at once',
      { target: targetWith({ status: unready }), lease: leaseWith() },
      ['patchLease', 'lookAgain'],
    ],
    [
      'hands over when the target is ready',
      { target: targetWith(), lease },
      [...handOver, 'write Succeeded Moved', 'tell Moved'],
    ],
    [
      'goes on where it was interrupted',
      { target: targetWith({ metadata: { labels: {} } }), lease },
      ['delete web-1', 'write Succeeded Moved', 'tell Moved'],
    ],
    [
      'does not need the source any more',
      { target: targetWith(), lease, source: undefined },
      [`patch ${targetName}`, 'write Succeeded Moved', 'tell Moved'],
    ],
    [
      "does not touch a new pod of the source's name",
      { target: targetWith(), lease, source: podWith({ metadata: { uid: 'new' } }) },
      [`patch ${targetName}`, 'write Succeeded Moved', 'tell Moved'],
    ],
    ['claims nothing when the target is gone', { lease }, ['delete web-1', ...gone]],
    [
      'claims nothing when the target has ended',
      { target: targetWith({ status: { phase: 'Failed' } }), lease },
      [`delete ${targetName}`, 'delete web-1', ...gone],
    ],
    [
      'claims nothing when the container is a new one',
      {
        target: targetWith({
          status: {
            containerStatuses: [
              {
                name: 'web',
                image: '',
                imageID: '',
                containerID: 'docker://c3',
                ready: true,
                restartCount: 1,
                state: { running: {} },
              },
            ],
          },
        }),
        lease,
      },
      [...handOver, ...gone],
    ],
    [
      'is not stopped by cancel or deadline',
      {
        migration: migrationWith({ ...committed.status }, { cancel: true, deadlineSeconds: 10 }),
        target: targetWith(),
        lease,
      },
      [...handOver, 'write Succeeded Moved', 'tell Moved'],
    ],
  ])('%s', (_name, facts, expected) => {
    expect(plan({ migration: committed, ...facts })).toEqual(expected);
  });

  it('does not wait for readiness for ever', () => {
    const facts = { migration: committed, target: targetWith({ status: unready }), lease };
    expect(plan(facts)).toEqual(['lookAgain']);
    expect(plan(facts, now + 60_000)).toEqual([...handOver, 'write Succeeded Moved', 'tell Moved']);
    expect(message(facts, now + 60_000)).toBe(
      `Pod web-1 was moved from node n1 to node n2 as ${targetName}; it is not ready yet`,
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
