import { containerIDOf, containerStatusesOf, type Pod } from '../../api/pod.ts';
import type { Facts } from '../facts.ts';
import { livingSource } from '../facts.ts';
import { isRemoved } from '../namesake/removal.ts';
import type { Verdict } from '../status.ts';

/** A container that the kubelet has started anew since the agent looked at it has nothing of what was to be moved. */
const startedAnew = ({ migration }: Facts, source: Pod): readonly string[] => {
  const running = containerStatusesOf(source).filter(({ state }) => state?.running !== undefined);
  return (migration.status?.source?.containers ?? [])
    .filter(({ name, id }) =>
      running.some((status) => status.name === name && containerIDOf(status.containerID) !== id),
    )
    .map(({ name }) => name);
};

/** Before the commit a move without a source has nothing left to move. Of one whose object we removed its agent tells. */
export const sourceLoss = (facts: Facts): Verdict | undefined => {
  if (isRemoved(facts.migration)) return undefined;
  const name = facts.migration.spec.podName;
  const source = livingSource(facts);
  if (!source) {
    const what = facts.source ? 'has been replaced by another of the same name' : 'does not exist any more';
    return { reason: 'SourceGone', message: `the source pod ${name} ${what}` };
  }
  if (source.metadata.deletionTimestamp !== undefined)
    return { reason: 'SourceGone', message: `the source pod ${name} is being deleted` };
  const phase = source.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed')
    return { reason: 'SourceGone', message: `the source pod ${name} has ended (${phase})` };
  const anew = startedAnew(facts, source).join(', ');
  return anew === ''
    ? undefined
    : { reason: 'SourceGone', message: `container ${anew} of the source pod ${name} has ended and was started anew` };
};
