import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { podWith } from '../api/pod-fixture.ts';
import type { Candidate } from '../migration/node-fit/candidate.ts';
import { agentOf, nodeNamed } from './node-fixture.ts';
import { highestScore, scores } from './score.ts';

const gibibyte = 2 ** 30;
const placement = {
  pod: podWith({ spec: { containers: [{ name: 'redis', image: 'docker.io/library/redis:8' }] } }),
  memoryBytes: gibibyte,
  maxInbound: 2,
};

const withImages = (...names: string[]): object => ({ status: { images: [{ names }] } });

const candidate = ({
  images = [],
  inbound = 0,
  free = 2 * gibibyte,
}: { images?: string[]; inbound?: number; free?: number } = {}): Candidate => ({
  name: 'w2',
  node: nodeNamed('w2', withImages(...images)),
  agent: agentOf('w2', { freeMemoryBytes: free }),
  inbound,
});

describe('a node scores', () => {
  const cases: [string, Candidate[], number[]][] = [
    [
      'highest with the image, no other moves and the most memory',
      [candidate({ images: ['docker.io/library/redis:8'] })],
      [10],
    ],
    ['for the image by its short name too', [candidate({ images: ['redis:8'] })], [10]],
    ['less without the image', [candidate({ images: ['docker.io/library/redis:7'] })], [5]],
    [
      'less for each move on its way to it',
      [candidate(), candidate({ inbound: 1 }), candidate({ inbound: 2 })],
      [5, 4, 2],
    ],
    [
      'less with less memory to spare',
      [candidate({ free: 3 * gibibyte }), candidate({ free: 2 * gibibyte }), candidate({ free: 0 })],
      [5, 4, 3],
    ],
  ];
  it.each(cases)('%s', (_case, candidates, expected) => {
    expect(scores(candidates, placement)).toEqual(expected);
  });

  it('what the scheduler takes: whole numbers from 0 to 10', () => {
    const any = fc.record({
      images: fc.subarray(['redis:8', 'redis:7']),
      inbound: fc.nat(9),
      free: fc.nat(4 * gibibyte),
    });
    fc.assert(
      fc.property(fc.array(any), fc.nat(4 * gibibyte), (given, memoryBytes) => {
        const found = scores(given.map(candidate), { ...placement, memoryBytes });
        expect(found).toHaveLength(given.length);
        for (const score of found) expect(Number.isInteger(score) && score >= 0 && score <= highestScore).toBe(true);
      }),
    );
  });
});
