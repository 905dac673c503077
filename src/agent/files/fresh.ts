import type { Entry, Survey } from './survey.ts';

/*
 * Up to Linux 6.12, and for some file systems still, a file's times are those of
 * the last tick of the kernel's clock (ktime_get_coarse_real_ts64), 10 ms at most. What is
 * written after a look, within the tick of an earlier write, leaves the stamp
 * that the look has found: such a file is not known to be as it was sent.
 */

const tickSeconds = 0.02;

/** @returns seconds */
export const changeTimeIn = ({ stamp }: Entry): number => {
  const from = stamp.indexOf(' ') + 1;
  return Number(stamp.slice(from, stamp.indexOf(' ', from)));
};

/**
 * The files that were written so shortly before a look that one more write might not show.
 * @param lookedAt when the look began, in milliseconds since 1970
 */
export const freshIn = (survey: Survey, lookedAt: number): ReadonlySet<string> => {
  const since = lookedAt / 1000 - tickSeconds;
  return new Set([...survey].filter(([, entry]) => changeTimeIn(entry) >= since).map(([path]) => path));
};
