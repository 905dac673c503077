/** Sentences, each with whether it held. */
export type Claims = Readonly<Record<string, boolean>>;

/** The same claims of several subjects: each holds when it does of all. */
export const ofAll = (...each: readonly Claims[]): Claims => {
  const together: Record<string, boolean> = {};
  for (const claims of each)
    for (const [claim, holds] of Object.entries(claims)) together[claim] = (together[claim] ?? true) && holds;
  return together;
};

export const brokenOf = (claims: Claims): readonly string[] =>
  Object.entries(claims).flatMap(([claim, holds]) => (holds ? [] : [claim]));
