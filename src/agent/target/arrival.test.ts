import { describe, expect, it } from 'vitest';
import type { Migration } from '../../api/migration.ts';
import { isCommitted, type Phase, phases } from '../../api/phase.ts';
import { ReasonedError } from '../../api/reasons.ts';
import { verdictOf } from './arrival.ts';

const aMigration = (phase: Phase, nodeName?: string): Migration => ({
  metadata: { name: 'm', namespace: 'default', uid: 'u', resourceVersion: '1' },
  spec: { podName: 'web', trigger: 'Eviction', deadlineSeconds: 600 },
  status: { phase, target: { podName: 'web-m', ...(nodeName && { nodeName }) } },
});
const word = (m: Migration | undefined) => {
  const verdict = verdictOf(m, 'b');
  if (verdict instanceof ReasonedError) return verdict.reason;
  return verdict === 'later' ? verdict : verdict.verdict;
};

describe('a container that arrives at the rendezvous', () => {
  it.each<[string, Migration | undefined, string]>([
    ['waits when its move expects it here', aMigration('Preparing', 'b'), 'wait'],
    ['is asked again when the record does not name a node yet', aMigration('Preparing'), 'later'],
    ['is asked again when its record is not known yet', undefined, 'later'],
    ['is refused when another container of the move waits already', aMigration('Arrived', 'b'), 'RendezvousUnknown'],
    ['is refused while the move is in its freeze', aMigration('Moving', 'b'), 'RendezvousUnknown'],
    ['is refused when the move has failed', aMigration('Failed', 'b'), 'RendezvousUnknown'],
    ['is refused when the move was cancelled', aMigration('Cancelled', 'b'), 'RendezvousUnknown'],
    [
      'is refused when its attempt was taken back and another is to follow',
      aMigration('Retrying', 'b'),
      'RendezvousUnknown',
    ],
    ['is started as any other after the commit', aMigration('Committed', 'b'), 'start'],
    ['is started as any other after the move', aMigration('Succeeded', 'b'), 'start'],
    ['is started as any other when the restored one was lost', aMigration('Lost', 'b'), 'start'],
  ])('%s', (_sentence, migration, expected) => {
    expect(word(migration)).toBe(expected);
  });

  it('is never started before the commit', () => {
    for (const phase of phases.filter((p) => !isCommitted(p))) expect(word(aMigration(phase, 'b'))).not.toBe('start');
  });
});
