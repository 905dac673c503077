import { describe, expect, it } from 'vitest';
import type { Migration } from '../../api/migration.ts';
import type { Phase } from '../../api/phase.ts';
import { decommissioned, migrationWith, nodeWith, now } from '../move-fixture.ts';
import { movablePod, onNode, ordinaryPod, ownedBy, withTriggers } from './emptying-fixture.ts';
import type { PodOnNode } from './facts.ts';
import { type Fate, fatesOf } from './fate.ts';

const fateOf = (each: PodOnNode, migrations: readonly Migration[] = [], node = nodeWith('n1', decommissioned)) =>
  fatesOf({ node, pods: [each], migrations }, now)[0]?.fate;

const optedIn = onNode(movablePod('web'));
const moveOf = (phase: Phase, metadata: object = {}): Migration =>
  migrationWith(
    {
      phase,
      source: { nodeName: 'n1', podUID: 'web' },
      phaseTransitions: [{ phase, time: new Date(now - 60_000).toISOString() }],
    },
    { podName: 'web', podUID: 'web', trigger: 'Decommission' },
    metadata,
  );
const withdrawn = moveOf('Cancelled', { annotations: { 'transship.dev/withdrawn': 'true' } });

const evicted = (isOptedIn: boolean): Fate => ({ is: 'toBeEvicted', isOptedIn });
const keeping = { onFailure: 'Block', blockSeconds: 300 } as const;

describe('on a decommissioned node, a pod', () => {
  it.each<[string, PodOnNode, Migration[], Fate]>([
    ['that can be moved moves', optedIn, [], { is: 'moving' }],
    ['that did not opt in is evicted', onNode(ordinaryPod('web')), [], evicted(false)],
    ['that cannot be moved is evicted', onNode(movablePod('web', { spec: { hostNetwork: true } })), [], evicted(true)],
    [
      'of the system is evicted, whatever it says',
      onNode(movablePod('web', { metadata: { namespace: 'kube-system' } })),
      [],
      evicted(true),
    ],
    [
      'whose policy does not move it is evicted, and that may become a move',
      onNode(movablePod('web'), withTriggers({ decommission: false })),
      [],
      evicted(true),
    ],
    ['that has ended is evicted', onNode(movablePod('web', { status: { phase: 'Succeeded' } })), [], evicted(true)],
    ['that has not begun is evicted', onNode(ordinaryPod('web', { status: { phase: 'Pending' } })), [], evicted(false)],
    [
      'without an owner is evicted',
      onNode(ordinaryPod('web', { metadata: { ownerReferences: [] } })),
      [],
      evicted(false),
    ],
    [
      'of a DaemonSet stays',
      onNode(ordinaryPod('web', { metadata: ownedBy('DaemonSet') })),
      [],
      { is: 'staying', why: 'daemonSet' },
    ],
    [
      'of a DaemonSet stays although it opted in',
      onNode(movablePod('web', { metadata: ownedBy('DaemonSet') })),
      [],
      { is: 'staying', why: 'daemonSet' },
    ],
    [
      'that is static stays',
      onNode(ordinaryPod('web', { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } } })),
      [],
      { is: 'staying', why: 'static' },
    ],
    [
      'that tolerates the taint stays',
      onNode(ordinaryPod('web', { spec: { tolerations: [{ operator: 'Exists' }] } })),
      [],
      { is: 'staying', why: 'tolerant' },
    ],
    [
      'that tolerates the taint moves nevertheless when it can',
      onNode(movablePod('web', { spec: { tolerations: [{ operator: 'Exists' }] } })),
      [],
      { is: 'moving' },
    ],
    [
      'that is being deleted ends',
      onNode(ordinaryPod('web', { metadata: { deletionTimestamp: 'x' } })),
      [],
      { is: 'ending' },
    ],
    [
      'that is the target of a move arrives',
      onNode(movablePod('web', { metadata: { labels: { 'transship.dev/target': 'move' } } })),
      [],
      { is: 'arriving' },
    ],
    ['of a move under way moves, whoever asked for it', optedIn, [moveOf('Moving')], { is: 'moving' }],
    ['whose move waits moves', optedIn, [moveOf('Pending')], { is: 'moving' }],
    ['whose move has committed moves until that is over', optedIn, [moveOf('Committed')], { is: 'moving' }],
    ['that has been moved ends', optedIn, [moveOf('Succeeded')], { is: 'ending' }],
    ['whose target was lost ends', optedIn, [moveOf('Lost')], { is: 'ending' }],
    ['whose move was taken back moves', optedIn, [withdrawn], { is: 'moving' }],
    ['whose move has failed is evicted', optedIn, [moveOf('Failed')], evicted(true)],
    ['whose move somebody has cancelled is evicted', optedIn, [moveOf('Cancelled')], evicted(true)],
    [
      'whose move has failed is kept where the policy says so',
      onNode(movablePod('web'), keeping),
      [moveOf('Failed')],
      { is: 'kept', until: now + 240_000 },
    ],
    [
      'that was kept for so long is evicted',
      onNode(movablePod('web'), { ...keeping, blockSeconds: 60 }),
      [moveOf('Failed')],
      evicted(true),
    ],
    [
      'that no policy moves is not kept either',
      onNode(movablePod('web'), { ...keeping, ...withTriggers({ decommission: false }) }),
      [moveOf('Failed')],
      evicted(true),
    ],
    [
      'about which policies are in conflict is evicted',
      {
        pod: movablePod('web'),
        policy: { conflict: { reason: 'PolicyConflict', message: 'a and b' } },
        findings: [{ reason: 'PolicyConflict', message: 'a and b' }],
      },
      [],
      evicted(true),
    ],
  ])('%s', (_what, each, migrations, fate) => {
    expect(fateOf(each, migrations)).toEqual(fate);
  });
});

it('on any other node nothing becomes of a pod', () => {
  expect(fateOf(optedIn, [], nodeWith('n1', { unschedulable: true }))).toBeUndefined();
});
