import type { Pod } from '../api/pod.ts';
import type { Facts } from './facts.ts';

/** Why the pod that was to take over cannot do so any more; undefined while it can. */
export const targetLoss = ({ migration, target }: Facts): string | undefined => {
  const { podName, podUID } = migration.status?.target ?? {};
  if (!target) return `the target pod ${podName ?? ''} does not exist any more`;
  if (podUID !== undefined && target.metadata.uid !== podUID)
    return `the target pod ${podName ?? ''} has been replaced by another`;
  if (target.metadata.deletionTimestamp !== undefined) return `the target pod ${podName ?? ''} is being deleted`;
  return ended(target);
};

const ended = (target: Pod): string | undefined => {
  const phase = target.status?.phase;
  if (phase !== 'Failed' && phase !== 'Succeeded') return undefined;
  const { reason, message } = target.status ?? {};
  const why = [reason, message].filter((part) => typeof part === 'string' && part !== '').join(': ');
  return `the target pod ${target.metadata.name} has ended (${phase}${why === '' ? '' : `, ${why}`})`;
};
