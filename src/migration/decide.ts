import { phaseOf } from '../api/migration.ts';
import type { Phase } from '../api/phase.ts';
import { decideArrived } from './phases/arrived.ts';
import { decideCommitted } from './phases/committed.ts';
import { decideInspecting } from './phases/inspecting.ts';
import { decideLost } from './phases/lost.ts';
import { decideMoving } from './phases/moving.ts';
import { decidePending } from './phases/pending.ts';
import { decidePreparing } from './phases/preparing.ts';
import { decideRetrying } from './phases/retrying.ts';
import { decideUndone } from './phases/undone.ts';
import { interruption } from './taking-back/interruption.ts';
import type { Facts } from './facts.ts';
import { isHeld, letGo } from './hold.ts';
import { runDue } from './hooks/run-due.ts';
import { noteEnd } from './move-note.ts';
import { isOver } from './status.ts';
import type { Step } from './step.ts';

type Decide = (facts: Facts, now: number) => Step[];

const decisions: Record<Phase, Decide> = {
  Pending: decidePending,
  Inspecting: decideInspecting,
  Preparing: decidePreparing,
  Arrived: decideArrived,
  Moving: decideMoving,
  Retrying: decideRetrying,
  Committed: decideCommitted,
  Succeeded: () => [], // all of it was written at once
  Lost: decideLost,
  Failed: decideUndone,
  Cancelled: decideUndone,
};

/** Whoever should know what has become of the move is told before the record may go. */
const afterwards: Decide = (facts, now) => {
  const { migration } = facts;
  return isHeld(migration) ? [...noteEnd(facts), ...(runDue(facts, now) ?? letGo(migration))] : [];
};

/**
 * What the controller does about one Migration now. No step means that it is
 * somebody else's turn (src/api/phase.ts says whose), or that all is done.
 */
export const decide: Decide = (facts, now) => {
  if (isOver(facts.migration)) return afterwards(facts, now);
  return interruption(facts, now) ?? decisions[phaseOf(facts.migration)](facts, now);
};
