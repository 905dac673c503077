import type { Facts } from '../facts.ts';
import type { Step } from '../step.ts';
import { statefulSetOf } from './kind.ts';
import { plainPod } from './plain-pod.ts';
import { isRemoved, removedPod } from './removal.ts';

const lookAgainMs = 1_000;

/** The agent of its node says that nothing of it runs any more; where there is no such node, we do. */
const awaitEnd = ({ migration, sourceNodeIsGone }: Facts): Step[] => {
  const { source } = migration.status ?? {};
  if (!source || sourceNodeIsGone !== true) return [{ do: 'lookAgain', afterMs: lookAgainMs }];
  const { resourceVersion } = migration.metadata;
  return [
    { do: 'writeStatus', patch: { metadata: { resourceVersion }, status: { source: { ...source, ended: true } } } },
  ];
};

/**
 * What is to be done for a pod whose object was removed for a move that then
 * failed, once its target is gone; undefined when nothing is. It is made anew,
 * by its StatefulSet or by us, but not before the processes of the source are
 * gone: there would be two of it.
 */
export const startAnew = (facts: Facts): Step[] | undefined => {
  const { migration, target, created } = facts;
  if (!isRemoved(migration)) return undefined;
  if (migration.status?.source?.ended !== true) return awaitEnd(facts);
  const removed = removedPod(migration);
  const isRefused = created !== undefined && 'refusal' in created;
  if (!removed || statefulSetOf(removed) || target || isRefused) return undefined;
  return [{ do: 'createAnew', pod: plainPod(removed) }];
};
