import type { Verdict } from './status.ts';

/** One step of an agent's part in a move: what it does and, where it leaves something, how that is taken back. */
interface PlannedStep {
  readonly step: string;
  readonly does: string;
  readonly undo?: string;
}

export type StepOf<Plan extends readonly PlannedStep[]> = Plan[number]['step'];
export type UndoableOf<Plan extends readonly PlannedStep[]> = Extract<Plan[number], { readonly undo: string }>['step'];

/**
 * What the record says of an attempt:
 *
 *   committed   the target lives; the source never runs again
 *   closed      it can commit no more, not even by a patch that is still under way: its resourceVersion has passed
 *   open        it may still commit
 *   unknown     nobody has been able to read it
 */
export type Standing = 'committed' | 'closed' | 'open' | 'unknown';

/** What an agent does next about its part; each side adds what only it can do. */
export type Act<Step, Undoable> =
  | { readonly act: 'do'; readonly step: Step }
  | { readonly act: 'undo'; readonly step: Undoable }
  /** Writes the end of the attempt into the record; a compare-and-swap. */
  | { readonly act: 'close'; readonly verdict: Verdict }
  | { readonly act: 'read' }
  | { readonly act: 'over' };

/** The order of a plan, forwards and backwards. */
export interface Way<Step, Undoable extends Step> {
  readonly steps: readonly Step[];
  readonly isUndoable: (step: Step) => step is Undoable;
  /** The first of these steps that has not been done; `over` when all have. */
  readonly next: (
    steps: readonly Step[],
    done: ReadonlySet<Step>,
  ) => Extract<Act<Step, Undoable>, { act: 'do' | 'over' }>;
  /** The last of these steps that stands and has to be taken back. */
  readonly last: (steps: readonly Step[], done: ReadonlySet<Step>) => Undoable | undefined;
  /** What is still done when a step has been taken back: nothing that came after it. */
  readonly upTo: (step: Step, done: ReadonlySet<Step>) => ReadonlySet<Step>;
}

export const wayOf = <const Plan extends readonly PlannedStep[]>(plan: Plan): Way<StepOf<Plan>, UndoableOf<Plan>> => {
  type Step = StepOf<Plan>;
  type Undoable = UndoableOf<Plan>;
  const steps: readonly Step[] = plan.map(({ step }) => step);
  const undoable = new Set<Step>(plan.flatMap(({ step, undo }) => (undo === undefined ? [] : [step])));
  const isUndoable = (step: Step): step is Undoable => undoable.has(step);
  return {
    steps,
    isUndoable,
    next: (among, done) => {
      const step = among.find((candidate) => !done.has(candidate));
      return step === undefined ? { act: 'over' } : { act: 'do', step };
    },
    last: (among, done) => {
      const step = among.findLast((candidate) => done.has(candidate) && isUndoable(candidate));
      return step !== undefined && isUndoable(step) ? step : undefined;
    },
    upTo: (step, done) => new Set([...done].filter((other) => steps.indexOf(other) < steps.indexOf(step))),
  };
};
