import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Instances, type Tick } from './instances.ts';

const secret = 'a1b2c3d4e5f60718';
const at = (node: string, ...ticks: readonly number[]): readonly Omit<Tick, 'at'>[] =>
  ticks.map((tick) => ({ node, tick, secret }));

const forksIn = (story: readonly Omit<Tick, 'at'>[]): readonly string[] => {
  const instances = new Instances();
  return story.flatMap((tick, index) => instances.see({ ...tick, at: index })?.what ?? []);
};

describe('one instance', () => {
  it.each<[string, readonly Omit<Tick, 'at'>[]]>([
    ['runs on one node', at('n1', 1, 2, 3)],
    ['is moved', [...at('n1', 1, 2, 3), ...at('n2', 4, 5)]],
    ['is moved there and back', [...at('n1', 1, 2), ...at('n2', 3, 4), ...at('n1', 5)]],
    ['is frozen, rolled back and moved later', [...at('n1', 1, 2, 50, 51), ...at('n3', 52)]],
    ['has numbers that nobody saw', [...at('n1', 1, 9), ...at('n2', 1000)]],
    ['has datagrams that overtook each other', at('n1', 1, 3, 2, 5, 4, 6)],
  ])('%s', (_what, story) => {
    expect(forksIn(story)).toEqual([]);
  });

  it('is a cold start when it has another secret', () => {
    const instances = new Instances();
    for (const tick of at('n1', 7, 8)) instances.see({ ...tick, at: 1 });
    expect(instances.see({ node: 'n2', tick: 1, secret: 'other', at: 2 })).toBeUndefined();
    expect(instances.secrets()).toEqual([secret, 'other']);
  });
});

describe('two copies of one instance', () => {
  it.each<[string, readonly Omit<Tick, 'at'>[], string]>([
    [
      'tell the same number on two nodes',
      [...at('n1', 1, 2, 3), ...at('n2', 3)],
      'instance a1b2c3d4 told 3 on n2 after it had told 3 on n1',
    ],
    [
      'run side by side',
      [...at('n1', 1, 2, 3), ...at('n2', 4), ...at('n1', 4)],
      'instance a1b2c3d4 told 4 on n1 after it had told 4 on n2',
    ],
    [
      'take turns without a common number',
      [...at('n1', 1, 2, 4), ...at('n2', 3)],
      'instance a1b2c3d4 told 3 on n2 after it had told 4 on n1',
    ],
    [
      'appear after the other has run on',
      [...at('n1', 1, 2, 3, 4, 5, 6), ...at('n2', 4, 5)],
      'instance a1b2c3d4 told 4 on n2 after it had told 6 on n1',
    ],
    ['repeat a number on one node', at('n1', 1, 2, 3, 2), 'instance a1b2c3d4 told 2 on n1 after it had told 3 on n1'],
    [
      'go back by far on one node',
      at('n1', 1, 500, 300),
      'instance a1b2c3d4 told 300 on n1 after it had told 500 on n1',
    ],
  ])('%s', (_what, story, sentence) => {
    expect(forksIn(story)[0]).toBe(sentence);
  });
});

const nodes = fc.constantFrom('n1', 'n2', 'n3');
/** Stays of one instance on node after node, with numbers lost on the way. */
const stays = fc.array(fc.record({ node: nodes, seen: fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }) }), {
  minLength: 1,
  maxLength: 6,
});

const storyOf = (of: readonly { node: string; seen: readonly boolean[] }[], from = 0) => {
  let tick = from;
  return of.flatMap(({ node, seen }) =>
    seen.flatMap((isSeen) => {
      tick += 1;
      return isSeen ? [{ node, tick, secret }] : [];
    }),
  );
};

it('no journey of one instance, whatever is lost of it, is taken for a fork', () => {
  fc.assert(
    fc.property(stays, (journey) => {
      expect(forksIn(storyOf(journey))).toEqual([]);
    }),
  );
});

it('a copy that goes on from an earlier number on another node is found with its first tick at the latest that overlaps', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.boolean(), { minLength: 100, maxLength: 100 }),
      (copiedAt, alone, turns) => {
        // The original runs on; its copy begins with the number after the dump.
        const original = storyOf([{ node: 'n1', seen: Array.from({ length: copiedAt + alone }, () => true) }]);
        let [mine, copy] = [copiedAt + alone, copiedAt];
        const both = turns.map((copyRuns) =>
          copyRuns ? { node: 'n2', tick: (copy += 1), secret } : { node: 'n1', tick: (mine += 1), secret },
        );
        const found = forksIn([...original, ...both]).length;
        expect(found > 0).toBe(turns.includes(true));
      },
    ),
  );
});
