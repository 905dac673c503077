import { phaseOf } from '../../api/migration.ts';
import { isReason } from '../../api/reasons.ts';
import type { Facts } from '../facts.ts';
import { livingSource } from '../facts.ts';
import { releaseAddress } from '../lease.ts';
import { withConditions } from '../status.ts';
import type { PodRef, Step } from '../step.ts';
import { isTargetOf } from '../target-pod.ts';

const pod = (facts: Facts): PodRef | undefined => {
  const { migration } = facts;
  const uid = migration.status?.source?.podUID ?? livingSource(facts)?.metadata.uid;
  return uid === undefined ? undefined : { name: migration.spec.podName, uid };
};

/** The present target, if one was made. */
export const removeTarget = ({ migration, target }: Facts): Step[] => {
  // Without a target in the status none has been made; a pod that has the name is somebody else's.
  if (!target || !migration.status?.target || !isTargetOf(target, migration)) return [];
  return [{ do: 'deletePod', pod: { name: target.metadata.name, uid: target.metadata.uid } }];
};

/**
 * Leaves nothing behind, then says so: once `Finished` is true, neither target
 * nor reserved address exist. Whoever wrote the failure, controller or agent,
 * it is told here, once, with the record's own words.
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
  return [
    ...removeTarget(facts),
    ...releaseAddress(facts),
    {
      do: 'writeStatus',
      patch: { metadata: { resourceVersion: migration.metadata.resourceVersion }, status: { conditions } },
    },
    { do: 'tell', type, ...said, pod: pod(facts) },
  ];
};
