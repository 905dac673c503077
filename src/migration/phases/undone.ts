import { phaseOf } from '../../api/migration.ts';
import { isReason } from '../../api/reasons.ts';
import type { Facts } from '../facts.ts';
import { livingSource } from '../facts.ts';
import { releaseAddress } from '../lease.ts';
import { isOfNamesakes } from '../namesake/kind.ts';
import { isRemoved } from '../namesake/removal.ts';
import { startAnew } from '../namesake/starting-anew.ts';
import { withConditions } from '../status.ts';
import type { PodRef, Step } from '../step.ts';
import { isTargetOf } from '../target-pod/target-pod.ts';

const pod = (facts: Facts): PodRef | undefined => {
  const { migration } = facts;
  const uid = migration.status?.source?.podUID ?? livingSource(facts)?.metadata.uid;
  return uid === undefined ? undefined : { name: migration.spec.podName, uid };
};

/** A StatefulSet makes the next one while we are still about the last, and that one is for the next attempt. */
const isOfLaterAttempt = ({ migration, target }: Facts): boolean =>
  phaseOf(migration) === 'Retrying' &&
  isOfNamesakes(migration) &&
  target?.metadata.uid !== migration.status?.target?.podUID;

/** The present target, if one was made. */
export const removeTarget = (facts: Facts): Step[] => {
  const { migration, target } = facts;
  // Without a target in the status none has been made; a pod that has the name is somebody else's.
  if (!target || !migration.status?.target || !isTargetOf(target, migration) || isOfLaterAttempt(facts)) return [];
  return [{ do: 'deletePod', pod: { name: target.metadata.name, uid: target.metadata.uid } }];
};

/**
 * Leaves nothing behind, then says so: once `Finished` is true, neither target
 * nor reserved address exist. Whoever wrote the failure, controller or agent,
 * it is told here, once, with the record's own words. A pod whose object had been
 * removed exists again by then.
 */
export const decideUndone = (facts: Facts, now: number): Step[] => {
  const { migration } = facts;
  const { reason: word } = migration.status ?? {};
  const reason = isReason(word) ? word : 'InspectionFailed';
  const message = migration.status?.message ?? '';
  const type = phaseOf(migration) === 'Cancelled' ? 'Normal' : 'Warning';
  const said = { reason, message };
  const conditions = withConditions(
    migration,
    [
      { type: 'Succeeded', status: 'False', ...said },
      { type: 'Finished', status: 'True', ...said },
    ],
    now,
  );
  const removal = removeTarget(facts);
  // The name has to be free again, and then it is seen what is to be done with it.
  if (isRemoved(migration) && removal.length > 0) return removal;
  const anew = startAnew(facts);
  if (anew) return anew;
  return [
    ...removal,
    ...releaseAddress(facts),
    {
      do: 'writeStatus',
      patch: {
        metadata: { resourceVersion: migration.metadata.resourceVersion },
        status: { conditions, removal: null },
      },
    },
    { do: 'tell', type, ...said, pod: pod(facts) },
  ];
};
