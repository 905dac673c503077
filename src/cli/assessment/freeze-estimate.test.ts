import { describe, expect, it } from 'vitest';
import { migrationWith, podWith } from '../../api/pod-fixture.ts';
import { estimateFreeze } from './freeze-estimate.ts';

const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-7d4b9c6f5b', uid: 'rs', controller: true };
const pod = podWith({ metadata: { name: 'web-7d4b9c6f5b-x2x4v', ownerReferences: [owner] } });

interface Moved {
  readonly podName?: string;
  readonly freezeMs?: number | undefined;
  readonly minute?: number;
  readonly namespace?: string;
  readonly phase?: string;
}

const move = ({
  podName = 'web-7d4b9c6f5b-bcdfg',
  freezeMs = 100,
  minute = 0,
  namespace = 'shop',
  phase = 'Succeeded',
}: Moved) =>
  migrationWith({
    metadata: { namespace },
    spec: { podName },
    status: {
      phase,
      timings: { freezeMs },
      phaseTransitions: [{ phase, time: new Date(minute * 60_000).toISOString() }],
    },
  });

describe('an estimate of the freeze', () => {
  it('is what was measured in the last five moves of pods of the same owner', () => {
    const moves = [900, 300, 200, 250, 220, 210].map((freezeMs, minute) => move({ freezeMs, minute }));
    expect(estimateFreeze(pod, moves)).toEqual({ minMs: 200, maxMs: 300, moves: 5 });
  });

  it.each<[string, Moved]>([
    ['of another owner, whose name begins alike', { podName: 'web-7d4b9c6f5b-api-bcdfg' }],
    ['of another revision of the Deployment', { podName: 'web-5f8c7d9b4f-bcdfg' }],
    ['in another namespace', { namespace: 'other' }],
    ['that failed', { phase: 'Failed' }],
    ['that is not over', { phase: 'Committed' }],
  ])('does not count a move %s', (_what, moved) => {
    expect(estimateFreeze(pod, [move(moved)])).toBeUndefined();
  });

  it('counts pods that had been moved before', () => {
    expect(estimateFreeze(pod, [move({ podName: 'web-7d4b9c6f5b-bcdfg-m3fa9c2-2' })])?.moves).toBe(1);
  });

  it('is not there for a pod without an owner', () => {
    expect(estimateFreeze(podWith(), [move({})])).toBeUndefined();
  });
});
