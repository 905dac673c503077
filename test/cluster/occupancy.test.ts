import { describe, expect, it } from 'vitest';
import type { MigrationView } from './migrations.ts';
import { peaksOf, timelineOf } from './occupancy.ts';
import type { Seen } from './watch.ts';

interface State {
  readonly move: string;
  readonly phase?: string;
  readonly from?: string;
  readonly to?: string;
  readonly type?: 'DELETED';
}

const time = '2026-01-01T00:00:00.000Z';

const seen = ({ move, phase, from = 'n1', to, type }: State): Seen<MigrationView> => ({
  at: 0,
  type: type ?? 'MODIFIED',
  object: {
    metadata: { name: move, namespace: 'default', uid: move, creationTimestamp: time },
    spec: { podName: move },
    ...(phase !== undefined && {
      status: {
        ...{ phase, phaseTransitions: [{ phase, time }], source: { nodeName: from, podUID: move } },
        ...(to !== undefined && { target: { podName: `${move}-m`, nodeName: to } }),
      },
    }),
  },
});

const timeline = (...states: readonly State[]) => timelineOf(states.map(seen));

describe('the most moves at once', () => {
  it.each<[string, readonly State[], object]>([
    ['are none when none has begun', [{ move: 'a' }, { move: 'b', phase: 'Pending' }], [0, 0, 0]],
    [
      'counts those from Inspecting on',
      [
        { move: 'a', phase: 'Inspecting' },
        { move: 'b', phase: 'Moving' },
      ],
      [2, 2, 0],
    ],
    [
      'does not count one that has ended before the next begins',
      [
        { move: 'a', phase: 'Moving', to: 'n2' },
        { move: 'a', phase: 'Succeeded', to: 'n2' },
        { move: 'b', phase: 'Inspecting' },
      ],
      [1, 1, 1],
    ],
    [
      'counts one until it has ended, not until it has committed',
      [
        { move: 'a', phase: 'Committed', to: 'n2' },
        { move: 'b', phase: 'Preparing', to: 'n2' },
      ],
      [2, 2, 2],
    ],
    [
      'are of one node, away from it or to it',
      [
        { move: 'a', phase: 'Moving', from: 'n1', to: 'n3' },
        { move: 'b', phase: 'Moving', from: 'n2', to: 'n3' },
        { move: 'c', phase: 'Moving', from: 'n3', to: 'n1' },
      ],
      [3, 1, 2],
    ],
    [
      'counts a target only from when it has a node, and no more when another attempt begins',
      [
        { move: 'a', phase: 'Preparing', to: 'n2' },
        { move: 'a', phase: 'Inspecting' },
        { move: 'b', phase: 'Preparing' },
        { move: 'b', phase: 'Preparing', to: 'n2' },
      ],
      [2, 2, 1],
    ],
    [
      'forgets a record that is deleted',
      [
        { move: 'a', phase: 'Moving' },
        { move: 'a', phase: 'Moving', type: 'DELETED' },
        { move: 'b', phase: 'Moving' },
      ],
      [1, 1, 0],
    ],
  ])('%s', (_what, states, expected) => {
    const { inCluster, fromNode, toNode } = peaksOf(timeline(...states));
    expect([inCluster, fromNode, toNode]).toEqual(expected);
  });
});

it('a timeline has each change of a phase and of a target, once', () => {
  const states: readonly State[] = [
    { move: 'a' },
    { move: 'a', phase: 'Preparing' },
    { move: 'a', phase: 'Preparing' },
    { move: 'a', phase: 'Preparing', to: 'n2' },
    { move: 'a', phase: 'Succeeded', to: 'n2' },
  ];
  expect(timeline(...states)).toEqual([
    { time, pod: 'a', phase: 'Preparing', inCluster: 1, fromNode: { n1: 1 }, toNode: {} },
    { time, pod: 'a', phase: 'Preparing', to: 'n2', inCluster: 1, fromNode: { n1: 1 }, toNode: { n2: 1 } },
    { time, pod: 'a', phase: 'Succeeded', to: 'n2', inCluster: 0, fromNode: {}, toNode: {} },
  ]);
});
