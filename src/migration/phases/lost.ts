import type { Pod } from '../../api/pod.ts';
import { handOver, recordedSource } from '../ownership/adoption.ts';
import type { Facts } from '../facts.ts';
import { withConditions } from '../status.ts';
import type { Step } from '../step.ts';
import { targetLoss } from '../loss/target-loss.ts';

const remove = ({ metadata: { name, uid } }: Pod): Step => ({ do: 'deletePod', pod: { name, uid } });

/** A target that has ended has no owner yet, so nobody else would remove it. */
const remains = ({ migration, target }: Facts): Pod | undefined =>
  target?.metadata.deletionTimestamp === undefined && target?.metadata.uid === migration.status?.target?.podUID
    ? target
    : undefined;

/** The owner gets what there is: a target that was started anew, or the place of one that is gone. */
const settle = (facts: Facts): Step[] => {
  const { target } = facts;
  if (target && targetLoss(facts) === undefined) return handOver(facts, target);
  return [remains(facts), recordedSource(facts)].filter((pod) => pod !== undefined).map(remove);
};

/** Cleans up after a move that had committed when its target ended, and says so where people look. */
export const decideLost = (facts: Facts, now: number): Step[] => {
  const { migration } = facts;
  const said = { reason: 'TargetLost', message: migration.status?.message ?? '' } as const;
  const conditions = withConditions(
    migration,
    [
      { type: 'Succeeded', status: 'False', ...said },
      { type: 'Finished', status: 'True', ...said },
    ],
    now,
  );
  const { source, target } = migration.status ?? {};
  const told: Step[] = [
    { do: 'tell', type: 'Warning', ...said, pod: source && { name: migration.spec.podName, uid: source.podUID } },
  ];
  if (target?.podUID !== undefined)
    told.push({ do: 'tell', type: 'Warning', ...said, pod: { name: target.podName, uid: target.podUID } });
  return [
    ...settle(facts),
    {
      do: 'writeStatus',
      patch: {
        metadata: { resourceVersion: migration.metadata.resourceVersion },
        status: { conditions, removal: null },
      },
    },
    ...told,
  ];
};
