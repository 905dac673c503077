/** What came of one question. An answer is wrong when it is not what it has to be; it has failed when it says so itself. */
export type Verdict = 'right' | 'wrong' | 'failed' | 'broken';

/** One answer, or its absence. */
export interface Heard {
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
  /** How long its client had waited for it. */
  readonly waitedMs: number;
  readonly verdict: Verdict;
}

/** What a program of clients writes at its end. */
export interface Report<Told> {
  readonly heard: readonly Heard[];
  /** What its clients were told, to be compared with what is there. */
  readonly told: Told;
}
