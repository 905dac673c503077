import { type Migration, phaseOf } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';

/** For how long earlier moves of such pods froze them. */
export interface FreezeEstimate {
  readonly minMs: number;
  readonly maxMs: number;
  /** How many moves it was seen in. */
  readonly moves: number;
}

/** What happened long ago says less than the last few moves. */
const mostMoves = 5;

/** As the API server makes names up (apimachinery, util/rand): no vowels, so no words. */
const generated = '[bcdfghjklmnpqrstvwxz2456789]{5}';
const endOfTarget = '(-m[0-9a-f]{6}(-\\d+)?)?';

/** The names of pods of this owner, those that have been moved before among them. */
const namesOf = (owner: string): RegExp => new RegExp(`^${owner.replace(/[.]/g, '\\.')}-${generated}${endOfTarget}$`);

const endOf = ({ status }: Migration): string => status?.phaseTransitions?.at(-1)?.time ?? '';

/** A Migration names its pod and not whose pod it was, so the owner is told from the name that it gives its pods. */
const isOfSameOwner = (pod: Pod): ((move: Migration) => boolean) => {
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
  const names = owner && namesOf(owner.name);
  return ({ metadata, spec, status }) =>
    metadata.namespace === pod.metadata.namespace &&
    (status?.target?.podUID === pod.metadata.uid || (names?.test(spec.podName) ?? false));
};

/**
 * Measured, not computed: how long a freeze lasts depends on memory, files and
 * nodes, and nobody knows the memory of a pod before its agent has looked.
 * Undefined when no pod of the same owner has been moved lately.
 */
export const estimateFreeze = (pod: Pod, moves: readonly Migration[]): FreezeEstimate | undefined => {
  const measured = moves
    .filter((move) => phaseOf(move) === 'Succeeded')
    .filter(isOfSameOwner(pod))
    .sort((a, b) => endOf(b).localeCompare(endOf(a)))
    .flatMap(({ status }) => status?.timings?.freezeMs ?? [])
    .slice(0, mostMoves);
  if (measured.length === 0) return undefined;
  return { minMs: Math.min(...measured), maxMs: Math.max(...measured), moves: measured.length };
};

/** As a sentence has it: `210 ms`, or `180 to 240 ms`. */
export const freezeText = ({ minMs, maxMs }: FreezeEstimate): string =>
  minMs === maxMs ? `${minMs} ms` : `${minMs} to ${maxMs} ms`;
