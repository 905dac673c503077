import type { Migration } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import { type Facts, livingSource } from '../facts.ts';
import { noteMoving } from '../move-note.ts';
import { ofStatefulSet } from '../findings-against.ts';
import { runDue } from '../hooks/run-due.ts';
import { fail, untilDeadline } from '../taking-back/interruption.ts';
import type { Step } from '../step.ts';
import { targetPod } from '../target-pod/target-pod.ts';
import { targetPodName } from '../target-pod/target-name.ts';
import { statefulSetOf } from './kind.ts';
import { plainPod } from './plain-pod.ts';
import { isRemoved, removalOf, removedPod } from './removal.ts';

const lookAgainMs = 1_000;

/** Under another name: the source still has its own, and the API server would stop at that. */
const rehearsal = (source: Pod, migration: Migration): Step => {
  const pod = statefulSetOf(source) ? plainPod(source) : targetPod(source, migration);
  return { do: 'rehearseTarget', pod: { ...pod, metadata: { ...pod.metadata, name: targetPodName(migration) } } };
};

/**
 * Everything that can be known to fail is tried before the object of the source
 * is removed; then that is written down, with all that the target is made from.
 */
const begin = (facts: Facts, now: number, source: Pod): Step[] => {
  const { migration, created } = facts;
  const [objection] = ofStatefulSet(facts, source);
  if (objection) return fail(facts, now, objection);
  const hook = runDue(facts, now);
  if (hook) return hook;
  if (!created || !('rehearsed' in created)) return [...noteMoving(facts), rehearsal(source, migration)];
  const { resourceVersion } = migration.metadata;
  const { name, uid } = source.metadata;
  const message = `The object of pod ${name} is removed so that its target can have the name; its processes run on`;
  return [
    { do: 'writeStatus', patch: { metadata: { resourceVersion }, status: { removal: removalOf(source, now) } } },
    { do: 'tell', type: 'Normal', reason: 'SourceRemoved', message, pod: { name, uid } },
  ];
};

/** A StatefulSet makes it itself, and our webhook turns it into the target. */
const awaitSet = (facts: Facts, now: number, removed: Pod): Step[] => {
  const [objection] = ofStatefulSet(facts, removed);
  if (objection) return fail(facts, now, objection);
  return [untilDeadline(facts, now), { do: 'lookAgain', afterMs: lookAgainMs }];
};

/** Frees the name and has the target made under it; undefined when there is a target, or was one, to be looked at. */
export const succeedByNamesake = (facts: Facts, now: number): Step[] | undefined => {
  const { migration, target } = facts;
  const source = livingSource(facts);
  if (!isRemoved(migration)) return source && begin(facts, now, source);
  if (source) return [{ do: 'deletePod', pod: { name: source.metadata.name, uid: source.metadata.uid } }];
  const removed = removedPod(migration);
  if (target || !removed || migration.status?.target?.podUID !== undefined) return undefined;
  return statefulSetOf(removed)
    ? awaitSet(facts, now, removed)
    : [{ do: 'createTarget', pod: targetPod(removed, migration) }];
};
