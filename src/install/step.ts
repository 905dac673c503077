/** One change to a host, next to what takes it back. Both may be repeated: what is already so is left alone. */
export interface Step {
  /** What it is about, as it stands in the log: "the runtime handler in Docker". */
  readonly what: string;
  /** @returns whether anything had to be changed. */
  apply(): Promise<boolean>;
  revert(): Promise<boolean>;
}

/** Several as one, carried out and taken back in the same order: the last makes the others effective. */
export const inOrder = (...steps: readonly Step[]): Step => {
  const each = async (direction: 'apply' | 'revert'): Promise<boolean> => {
    let changed = false;
    for (const step of steps) changed = (await step[direction]()) || changed;
    return changed;
  };
  return {
    what: steps.map(({ what }) => what).join(', and '),
    apply: () => each('apply'),
    revert: () => each('revert'),
  };
};
