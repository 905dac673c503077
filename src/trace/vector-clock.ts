import { isProcessName } from './process-name.ts';

/** How many events of each process are known of; of one that is not named, none. */
export type VectorClock = Readonly<Record<string, number>>;

export const noClock: VectorClock = {};

export const countOf = (clock: VectorClock, process: string): number =>
  Object.hasOwn(clock, process) ? (clock[process] ?? 0) : 0;

/** The clock after one more event of a process. */
export const tick = (clock: VectorClock, process: string): VectorClock => ({
  ...clock,
  [process]: countOf(clock, process) + 1,
});

/** Of each process the more. */
export const merge = (a: VectorClock, b: VectorClock): VectorClock => {
  const merged: Record<string, number> = { ...a };
  for (const [process, count] of Object.entries(b)) merged[process] = Math.max(countOf(a, process), count);
  return merged;
};

/** Is all that one clock knows known to the other, too? */
export const isWithin = (inner: VectorClock, outer: VectorClock): boolean =>
  Object.entries(inner).every(([process, count]) => count <= countOf(outer, process));

export type Order = 'same' | 'before' | 'after' | 'concurrent';

/** What happened first, as far as that can be told. */
export const compare = (a: VectorClock, b: VectorClock): Order => {
  const [isBefore, isAfter] = [isWithin(a, b), isWithin(b, a)];
  if (isBefore && isAfter) return 'same';
  if (isBefore) return 'before';
  return isAfter ? 'after' : 'concurrent';
};

/** More processes than this do not take part in one move; a record is to stay small. */
export const mostProcesses = 64;
const mostEvents = 100_000;

const isBelievable = ([process, count]: readonly [string, unknown]): boolean =>
  isProcessName(process) && Number.isSafeInteger(count) && Number(count) >= 1 && Number(count) <= mostEvents;

/** A clock that somebody else has written, without what is none: no move fails because of its trace. */
export const clockFrom = (value: unknown): VectorClock => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return noClock;
  const entries = Object.entries(value as Record<string, unknown>).filter(isBelievable);
  return Object.fromEntries(entries.slice(0, mostProcesses)) as VectorClock;
};

/**
 * What is known after somebody else's clock was heard. Of one's own events one knows best oneself, and of more processes
 * than take part in a move nobody wants to know.
 */
export const hear = (known: VectorClock, heard: VectorClock, isOwn: (process: string) => boolean): VectorClock => {
  const merged: Record<string, number> = { ...known };
  let room = mostProcesses - Object.keys(known).length;
  for (const [process, count] of Object.entries(heard)) {
    if (isOwn(process)) continue;
    if (!Object.hasOwn(merged, process)) room -= 1;
    if (room >= 0 || Object.hasOwn(merged, process)) merged[process] = Math.max(countOf(merged, process), count);
  }
  return merged;
};
