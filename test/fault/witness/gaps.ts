/** The longest time without an event in a window, its two ends counted as events. */
export const longestGap = (times: readonly number[], from: number, to: number): number => {
  let last = from;
  let longest = 0;
  for (const time of times) {
    if (time < from || time > to) continue;
    longest = Math.max(longest, time - last);
    last = Math.max(last, time);
  }
  return Math.round(Math.max(longest, to - last));
};

/** How far a number of 32 bits that wraps around is ahead of another. */
const ahead = (a: number, b: number): number => (a - b) | 0;

/** The segments that bring a connection further: bytes that are sent again bring nothing to anybody. */
export class Progress {
  readonly #ends = new Map<string, number>();

  /** Does this segment hold bytes that no earlier one of its connection has held? */
  isNew({ from, sequence, length, syn }: { from: string; sequence: number; length: number; syn: boolean }): boolean {
    const end = (sequence + length + (syn ? 1 : 0)) | 0;
    const known = syn ? undefined : this.#ends.get(from);
    if (known !== undefined && ahead(end, known) <= 0) return false;
    this.#ends.set(from, end);
    return length > 0;
  }
}
