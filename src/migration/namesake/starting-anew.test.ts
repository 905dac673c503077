import { describe, expect, it } from 'vitest';
import { plan } from '../decision-fixture.ts';
import type { Facts } from '../facts.ts';
import { bare, chosen, keepingName, namesake, ofSet, removedFor } from './namesake-fixture.ts';

const failed = (pod: typeof bare, isEnded = true) => {
  const { source } = keepingName('Failed').status ?? {};
  if (!source) throw new Error('a move that keeps a name has a source');
  return removedFor(5_000, pod, 'Failed', { target: chosen, source: { ...source, ended: isEnded } });
};
const told = ['write status', 'tell InspectionFailed'];

describe('a move that has failed when the object of its source was gone', () => {
  it.each<[string, Partial<Facts>, string[]]>([
    ['removes its target first', { migration: failed(bare), target: namesake }, ['delete web-1']],
    ['waits until nothing of the source runs', { migration: failed(bare, false) }, ['lookAgain']],
    [
      'waits for no agent of a node that is no more',
      { migration: failed(bare, false), sourceNodeIsGone: true },
      ['write status'],
    ],
    ['makes a pod of nobody anew', { migration: failed(bare) }, ['create web-1 anew']],
    ['is over when somebody has', { migration: failed(bare), target: bare }, told],
    ['is over when that is refused', { migration: failed(bare), created: { refusal: 'over quota' } }, told],
    ['leaves that of a StatefulSet to it', { migration: failed(ofSet) }, told],
    ['has nothing to make where nothing was removed', { migration: keepingName('Failed'), source: bare }, told],
  ])('%s', (_what, facts, steps) => {
    expect(plan({ source: undefined, ...facts })).toEqual(steps);
  });
});
