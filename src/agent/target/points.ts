import type { FailPoint } from '../../failpoint/points.ts';
import type { TargetStep } from '../../migration/target/plan.ts';

/** The point that is reached when a step has been done. */
export const pointOf: Partial<Record<TargetStep, FailPoint>> = {
  stand: 'target.stood',
  arrive: 'target.arrived',
  receive: 'target.received',
  restore: 'target.held',
  release: 'target.released',
  note: 'target.noted',
};
