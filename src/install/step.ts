/** One change to a host, next to what takes it back. Both may be repeated: what is already so is left alone. */
export interface Step {
  /** What it is about, as it stands in the log: "the runtime handler in Docker". */
  readonly what: string;
  /** @returns whether anything had to be changed. */
  apply(): Promise<boolean>;
  revert(): Promise<boolean>;
}
