/** How a move ends that met a fault, and nothing else. */
export const outcomes = ['Succeeded', 'RolledBack', 'LostWithNode'] as const;

/**
 *   Succeeded     the record says so, and the very program runs on the target
 *   RolledBack    the record says that nothing was moved, and the very program runs on the source as before,
 *                 unless it was the source itself that somebody deleted
 *   LostWithNode  the record does not speak of success, and the program is gone with its node, or with its pod
 */
export type Outcome = (typeof outcomes)[number];

/** What is known of a move that is over. */
export interface Ending {
  /** Phase of the record; undefined when the Migration has been deleted. */
  readonly phase: string | undefined;
  /** The node on which the program that was to be moved told its latest number; undefined when it tells no more. */
  readonly runsOn: string | undefined;
  /** Where it told its last number. */
  readonly lastOn: string | undefined;
  /** The fault ends the target: after it has arrived as well as before. */
  readonly isTargetEnded: boolean;
  readonly source: string;
  readonly target: string;
}

const isTakenBack = (phase: string | undefined): boolean =>
  phase === undefined || phase === 'Failed' || phase === 'Cancelled';

const ofRunning = ({ phase, runsOn, source, target }: Ending): Outcome | undefined => {
  if (phase === 'Succeeded' && runsOn === target) return 'Succeeded';
  return isTakenBack(phase) && runsOn === source ? 'RolledBack' : undefined;
};

const ofGone = (ending: Ending, isSourceDeleted: boolean): Outcome | undefined => {
  const { phase, lastOn, target, isTargetEnded } = ending;
  // It had arrived and had said so before its node was gone.
  if (phase === 'Succeeded' && isTargetEnded && lastOn === target) return 'Succeeded';
  if (phase !== undefined && isTakenBack(phase) && isSourceDeleted) return 'RolledBack';
  return phase === 'Lost' || phase === 'Failed' ? 'LostWithNode' : undefined;
};

/** The outcome, or why there is none: record and program contradict each other. */
export const outcomeOf = (ending: Ending, isSourceDeleted: boolean): Outcome | { readonly contradiction: string } => {
  const { phase, runsOn } = ending;
  const outcome = runsOn === undefined ? ofGone(ending, isSourceDeleted) : ofRunning(ending);
  const record = phase === undefined ? 'the Migration is gone' : `the record says ${phase}`;
  return outcome ?? { contradiction: `${record}, and the program runs on ${runsOn ?? 'no node'}` };
};
