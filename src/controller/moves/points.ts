import { type Migration, phaseOf } from '../../api/migration.ts';
import type { FailPoint } from '../../failpoint/points.ts';
import type { Step } from '../../migration/step.ts';

const isOfTarget = (step: Step, { status }: Migration): boolean =>
  step.do === 'patchPod' && step.name === status?.target?.podName;

const isOfSource = (step: Step, { status }: Migration): boolean =>
  step.do === 'deletePod' && step.pod.uid === status?.source?.podUID;

/** The point that a move is at when this step is about to be done. */
export const pointBefore = (step: Step, migration: Migration): FailPoint | undefined =>
  phaseOf(migration) === 'Committed' && isOfTarget(step, migration) ? 'controller.adopting' : undefined;

const afterWrite = (before: string, after: string | undefined): FailPoint | undefined => {
  if (before === 'Pending' && after === 'Inspecting') return 'controller.accepted';
  return before === 'Inspecting' && after === 'Preparing' ? 'controller.prepared' : undefined;
};

/** The point that a move has come to by this step. */
export const pointAfter = (step: Step, migration: Migration): FailPoint | undefined => {
  if (step.do === 'writeStatus') return afterWrite(phaseOf(migration), step.patch.status.phase);
  if (step.do === 'createTarget') return 'controller.created';
  if (phaseOf(migration) !== 'Committed') return undefined;
  if (isOfTarget(step, migration)) return 'controller.adopted';
  return isOfSource(step, migration) ? 'controller.removed' : undefined;
};
