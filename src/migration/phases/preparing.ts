import type { TargetStatus } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import { type Facts, livingSource } from '../facts.ts';
import { fail, untilDeadline } from '../taking-back/interruption.ts';
import { noteMoving } from '../move-note.ts';
import { isOfNamesakes } from '../namesake/kind.ts';
import { isStranger } from '../namesake/kinship.ts';
import { succeedByNamesake } from '../namesake/removing.ts';
import { redirection } from '../redirection.ts';
import { sourceLoss } from '../loss/source-loss.ts';
import type { Step } from '../step.ts';
import { isTargetOf, lostFrom, targetPod } from '../target-pod/target-pod.ts';
import { pullFailure, targetLoss } from '../loss/target-loss.ts';

/** The target is made once: a UID in the record means that there was one. */
const draft = (facts: Facts, now: number): Step[] | undefined => {
  const { migration, target } = facts;
  if (isOfNamesakes(migration)) return succeedByNamesake(facts, now);
  const source = livingSource(facts);
  if (target || !source || migration.status?.target?.podUID !== undefined) return undefined;
  return [{ do: 'createTarget', pod: targetPod(source, migration) }];
};

const examine = (facts: Facts, now: number): Step[] => {
  const gone = targetLoss(facts);
  if (gone !== undefined || !facts.target)
    return fail(facts, now, { reason: 'TargetPodGone', message: gone ?? 'the target pod is gone' });
  const unpulled = pullFailure(facts.target);
  if (unpulled !== undefined) {
    const node = facts.target.spec.nodeName ?? '';
    return fail(facts, now, { reason: 'TargetNotStarted', message: `on node ${node}: ${unpulled}` });
  }
  const elsewhere = redirection(facts);
  return (
    refuseEscaped(facts, now, facts.target) ??
    (elsewhere ? fail(facts, now, elsewhere) : noteDown(facts, now, facts.target))
  );
};

/** Makes the target, checks that it is still what we made, and notes down which pod and node it became. */
export const decidePreparing = (facts: Facts, now: number): Step[] => {
  const { created } = facts;
  const loss = sourceLoss(facts);
  if (loss) return fail(facts, now, loss);
  if (created && 'refusal' in created)
    return fail(facts, now, { reason: 'TargetPodRejected', message: created.refusal });
  return draft(facts, now) ?? examine(facts, now);
};

const refuseEscaped = (facts: Facts, now: number, target: Pod): Step[] | undefined => {
  const { migration, created } = facts;
  const isMade = created !== undefined && 'uid' in created && created.uid === target.metadata.uid;
  if (!isMade && (!isTargetOf(target, migration) || isStranger(target, migration))) {
    return fail(facts, now, {
      reason: 'TargetPodRejected',
      message: `a pod named ${target.metadata.name} exists already and is not of this Migration`,
    });
  }
  const lost = lostFrom(target, migration);
  if (lost.length === 0) return undefined;
  const message = `another admission webhook took from the target pod ${target.metadata.name}: ${lost.join(', ')}`;
  // First the pod: should the write fail, the next round finds no pod with a UID noted down and decides the same.
  return [
    { do: 'deletePod', pod: { name: target.metadata.name, uid: target.metadata.uid } },
    ...fail(facts, now, { reason: 'TargetEscaped', message }),
  ];
};

const noteDown = (facts: Facts, now: number, target: Pod): Step[] => {
  const { migration } = facts;
  const known = migration.status?.target;
  const found: TargetStatus = {
    ...known,
    podName: target.metadata.name,
    podUID: target.metadata.uid,
    ...(target.spec.nodeName === undefined ? {} : { nodeName: target.spec.nodeName }),
  };
  if (known?.podUID === found.podUID && known?.nodeName === found.nodeName)
    return [...(found.nodeName === undefined ? [] : noteMoving(facts)), untilDeadline(facts, now)];
  const patch = { metadata: { resourceVersion: migration.metadata.resourceVersion }, status: { target: found } };
  return [{ do: 'writeStatus', patch }, untilDeadline(facts, now)];
};
