/** A terminal that a person watches: what stands on it can be drawn over. */
export interface Screen {
  columns(): number;
  /** Draws these lines instead of those that were drawn last. What has no room is left out, the end first. */
  draw(lines: readonly string[]): void;
}

/** The two ends of a command line: data goes to `out`, what only a person reads to `err`. */
export interface Terminal {
  /** A line below whatever stands there; what was drawn before stays. */
  out(line: string): void;
  err(line: string): void;
  /** Undefined where that end is a file or a pipe. */
  readonly screens: { readonly out?: Screen | undefined; readonly err?: Screen | undefined };
}
