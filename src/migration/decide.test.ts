import { describe, expect, it } from 'vitest';
import type { Facts } from './facts.ts';
import {
  arrived,
  asked,
  committed,
  inPhase,
  inspecting,
  message,
  moving,
  plan,
  prepared,
  preparing,
  retrying,
  since,
  unscheduled,
  waitingFor,
} from './decision-fixture.ts';
import {
  agentOf,
  decommissioned,
  leaseWith,
  migrationWith,
  nodeWith,
  now,
  podWith,
  source,
  targetName,
  targetWith,
} from './move-fixture.ts';

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
    [
      'warns of connections that it will end',
      {
        migration: inPhase('Inspecting', {
          conditions: inspecting.status?.conditions,
          source: { ...source, lostConnections: ['192.0.2.9:443/tcp'] },
        }),
        lease: leaseWith(),
      },
      ['write Preparing TargetCreated', 'tell ConnectionsLost'],
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
        migration: migrationWith({ ...arrived.status, source: { ...source, containers: [{ name: 'web', id: 'c0' }] } }),
        target: targetWith(),
      },
      ['write Failed SourceGone'],
    ],
    [
      'fails when the source has ended',
      { migration: prepared, source: podWith({ status: { phase: 'Succeeded' } }), target: targetWith() },
      ['write Failed SourceGone'],
    ],
    [
      'leaves the record to the agents while they move',
      { migration: moving, target: targetWith(), source: podWith() },
      ['lookAgain'],
    ],
    [
      'takes a move back whose source is gone while they move',
      { migration: moving, target: targetWith(), source: undefined },
      ['write Failed SourceGone'],
    ],
    [
      'takes a move back whose target is being deleted while they move',
      { migration: moving, target: targetWith({ metadata: { deletionTimestamp: 'x' } }) },
      ['write Retrying TargetPodGone'],
    ],
  ])('%s', (_name, facts, expected) => {
    expect(plan(facts)).toEqual(expected);
  });

  it.each<[string, Partial<Facts>, string[]]>([
    ['while the target gets ready', { migration: prepared }, ['write Retrying TargetNodeDecommissioned']],
    ['while the target waits for its image', { migration: arrived }, ['write Retrying TargetNodeDecommissioned']],
    ['while the agents move', { migration: moving }, ['write Retrying TargetNodeDecommissioned']],
    [
      'unless the Migration names that node, for then there is no other',
      { migration: migrationWith(arrived.status, { targetNodeName: 'n2' }) },
      ['write Failed TargetNodeDecommissioned'],
    ],
    [
      'but not where it is only cordoned',
      { migration: arrived, targetNode: nodeWith('n2', { unschedulable: true }) },
      ['lookAgain'],
    ],
    [
      'but not before a target that another webhook has changed is removed',
      { migration: prepared, target: targetWith({ spec: { runtimeClassName: undefined } }) },
      [`delete ${targetName}`, 'write Failed TargetEscaped'],
    ],
    ['but not after the commit', { migration: committed }, ['createLease', 'lookAgain']],
  ])('goes to another node when the node of its target is decommissioned, %s', (_when, facts, expected) => {
    expect(plan({ target: targetWith(), targetNode: nodeWith('n2', decommissioned), ...facts })).toEqual(expected);
  });

  it('fails at once when the node that it names is decommissioned before the scheduler has come to it', () => {
    const migration = migrationWith(preparing.status, { targetNodeName: 'n2' });
    const wantedNode = { node: nodeWith('n2', decommissioned), agent: agentOf('n2') };
    const facts = { migration, target: unscheduled, targetNode: undefined, wantedNode };
    expect(plan(facts)).toEqual(['write Failed TargetNodeDecommissioned']);
    expect(message(facts)).toBe('node n2, which the Migration names, has been decommissioned');
    expect(plan({ ...facts, wantedNode: { ...wantedNode, node: nodeWith('n2', { unschedulable: true }) } })).toContain(
      'lookAgain',
    );
  });

  it('says which node it has turned away from', () => {
    const facts = { migration: arrived, target: targetWith(), targetNode: nodeWith('n2', decommissioned) };
    expect(message(facts)).toBe(`node n2, to which the target pod ${targetName} was bound, has been decommissioned`);
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

  it('waits for a node as long as the whole move may take, and counts the limit of the start from when there is one', () => {
    const entered = migrationWith({ ...prepared.status, phaseTransitions: since('Preparing', now - 300_000) });
    expect(plan({ migration: entered, target: unscheduled })).not.toContainEqual(
      expect.stringContaining('write Failed'),
    );
    const placed = { type: 'PodScheduled', status: 'True', lastTransitionTime: new Date(now).toISOString() };
    const target = targetWith({ status: { conditions: [placed] } });
    expect(plan({ migration: entered, target }, now + 119_999)).toEqual(['lookAgain']);
    expect(plan({ migration: entered, target }, now + 120_000)).toEqual(['write Retrying TargetNotReady']);
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
