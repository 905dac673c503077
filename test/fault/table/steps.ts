import type { FailPoint } from '../../../src/failpoint/points.ts';

/**
 * How far a move has come, as far as a fault can tell the difference:
 *
 *   preparing  the target comes into being; the source has not noticed anything
 *   moving     the agents are at it, the source still runs
 *   frozen     the source stands still
 *   committed  the target is the pod
 */
export type Stage = 'preparing' | 'moving' | 'frozen' | 'committed';

export interface StepBoundary {
  readonly point: FailPoint;
  readonly stage: Stage;
  /** Row of the table "One move, step by step" of the design after which it stands; without one it lies within a row. */
  readonly row?: number;
}

/** In the order in which a move reaches them. */
export const steps: readonly StepBoundary[] = [
  { point: 'controller.accepted', stage: 'preparing', row: 1 },
  { point: 'source.inspected', stage: 'preparing' },
  { point: 'controller.prepared', stage: 'preparing', row: 2 },
  { point: 'controller.created', stage: 'preparing', row: 3 },
  { point: 'target.arriving', stage: 'preparing', row: 5 },
  { point: 'target.stood', stage: 'preparing' },
  { point: 'target.arrived', stage: 'preparing', row: 6 },
  { point: 'source.claimed', stage: 'moving' },
  { point: 'source.ready', stage: 'moving' },
  { point: 'source.synced', stage: 'moving', row: 7 },
  { point: 'source.shut', stage: 'moving' },
  { point: 'source.frozen', stage: 'frozen', row: 8 },
  { point: 'source.dumping', stage: 'frozen' },
  { point: 'target.routed', stage: 'frozen' },
  { point: 'source.diverted', stage: 'frozen' },
  { point: 'source.sent', stage: 'frozen' },
  { point: 'target.received', stage: 'frozen', row: 9 },
  { point: 'target.restoring', stage: 'frozen' },
  { point: 'target.held', stage: 'frozen' },
  { point: 'source.held', stage: 'frozen', row: 10 },
  { point: 'source.committed', stage: 'committed', row: 11 },
  { point: 'source.fenced', stage: 'committed' },
  { point: 'target.released', stage: 'committed', row: 12 },
  { point: 'target.noted', stage: 'committed' },
  { point: 'controller.adopting', stage: 'committed' },
  { point: 'controller.adopted', stage: 'committed', row: 13 },
  { point: 'controller.removed', stage: 'committed', row: 14 },
];

/**
 * The writes of a record whose answer can be lost: who writes, and the phase
 * that the record has then.
 */
export const answers: readonly { readonly point: FailPoint; readonly detail: string; readonly stage: Stage }[] = [
  { point: 'controller.answer', detail: 'Inspecting', stage: 'preparing' },
  { point: 'source.answer', detail: 'Inspecting', stage: 'preparing' },
  { point: 'controller.answer', detail: 'Preparing', stage: 'preparing' },
  { point: 'target.answer', detail: 'Arrived', stage: 'preparing' },
  { point: 'source.answer', detail: 'Moving', stage: 'moving' },
  { point: 'source.answer', detail: 'Committed', stage: 'committed' },
  { point: 'target.answer', detail: 'Committed', stage: 'committed' },
  { point: 'controller.answer', detail: 'Succeeded', stage: 'committed' },
];
