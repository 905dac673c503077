import { describe, expect, it } from 'vitest';
import type { Migration } from '../../api/migration.ts';
import type { Node } from '../../api/pod.ts';
import { decommissioned, migrationWith, nodeWith, now } from '../move-fixture.ts';
import { announcementOf } from './announcement.ts';
import { movablePod, onNode, ordinaryPod, ownedBy, withTriggers } from './emptying-fixture.ts';
import type { PodOnNode } from './facts.ts';

const open = nodeWith('n1');
const cordoned = nodeWith('n1', { unschedulable: true });
const given = nodeWith('n1', decommissioned);

interface Case {
  readonly before?: Node;
  readonly after?: Node;
  readonly pods?: PodOnNode[];
  readonly migrations?: Migration[];
  readonly isDryRun?: boolean;
}

const told = ({ before = open, after = cordoned, pods = [], migrations = [], isDryRun = false }: Case) =>
  announcementOf({ before, facts: { node: after, pods, migrations }, isDryRun, now });

const [a, b] = [onNode(movablePod('a')), onNode(movablePod('b'))];
const fixed = onNode(movablePod('fixed', { spec: { hostNetwork: true } }));
const plain = onNode(ordinaryPod('plain'));
const daemon = onNode(ordinaryPod('daemon', { metadata: ownedBy('DaemonSet') }));
const why = 'HostNetworkUsed: Pod default/fixed uses hostNetwork';

describe('who cordons a node is told', () => {
  it.each<[string, Case, string[]]>([
    ['which pod starts to move', { pods: [a] }, ['1 pod of node n1 starts to move: default/a']],
    ['which pods do', { pods: [a, plain, b] }, ['2 pods of node n1 start to move: default/a, default/b']],
    ['which would', { pods: [a, b], isDryRun: true }, ['2 pods of node n1 would start to move: default/a, default/b']],
    [
      'of many the first',
      { pods: Array.from({ length: 9 }, (_, n) => onNode(movablePod(`web-${n}`))) },
      [
        '9 pods of node n1 start to move: default/web-0, default/web-1, default/web-2, default/web-3, default/web-4 and 4 more',
      ],
    ],
    ['which opted in and cannot', { pods: [fixed] }, [`default/fixed opted in but cannot be moved: ${why}`]],
    ['nothing of pods that did not opt in', { pods: [plain, daemon] }, []],
    [
      'nothing of pods whose policy heeds no cordon',
      {
        pods: [
          onNode(movablePod('a'), withTriggers({ cordon: false })),
          onNode(movablePod('fixed', { spec: { hostNetwork: true } }), withTriggers({ cordon: false })),
        ],
      },
      [],
    ],
    [
      'nothing of pods that are on their way',
      { pods: [a], migrations: [migrationWith(undefined, { podName: 'a' })] },
      [],
    ],
    ['nothing when it was cordoned before', { before: cordoned, pods: [a] }, []],
    [
      'nothing when the node is exempt',
      {
        after: { ...cordoned, metadata: { ...cordoned.metadata, annotations: { 'transship.dev/cordon': 'false' } } },
        pods: [a],
      },
      [],
    ],
    ['nothing when it is opened', { before: cordoned, after: open, pods: [a] }, []],
  ])('%s', (_what, facts, lines) => {
    expect(told(facts)).toEqual(lines);
  });
});

describe('who decommissions a node is told besides', () => {
  it.each<[string, Case, string[]]>([
    [
      'how many are evicted, and how many stay',
      { pods: [a, fixed, plain, daemon] },
      [
        '1 pod of node n1 starts to move: default/a',
        `default/fixed opted in but cannot be moved: ${why}`,
        '2 pods of node n1 are evicted under disruption budgets; 1 stays (1 of a DaemonSet)',
      ],
    ],
    [
      'how many would be',
      { pods: [plain], isDryRun: true },
      ['1 pod of node n1 would be evicted under disruption budgets'],
    ],
    [
      'so also of a node that was cordoned',
      { before: cordoned, pods: [plain] },
      ['1 pod of node n1 is evicted under disruption budgets'],
    ],
    ['nothing when nothing has to leave', { pods: [daemon] }, []],
  ])('%s', (_what, facts, lines) => {
    expect(told({ after: given, ...facts })).toEqual(lines);
  });
});
