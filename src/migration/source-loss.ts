import type { Facts } from './facts.ts';
import { livingSource } from './facts.ts';
import type { Verdict } from './status.ts';

/** Before the commit a move without a source has nothing left to move. */
export const sourceLoss = (facts: Facts): Verdict | undefined => {
  const name = facts.migration.spec.podName;
  const source = livingSource(facts);
  if (!source) return { reason: 'SourceGone', message: `the source pod ${name} does not exist any more` };
  if (source.metadata.deletionTimestamp !== undefined)
    return { reason: 'SourceGone', message: `the source pod ${name} is being deleted` };
  const phase = source.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed')
    return { reason: 'SourceGone', message: `the source pod ${name} has ended (${phase})` };
  return undefined;
};
