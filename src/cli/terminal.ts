/** The two ends of a command line: data goes to `out`, what only a person reads to `err`. */
export interface Terminal {
  out(line: string): void;
  err(line: string): void;
}

/** Ends the command with a sentence for the person at the terminal, and no stack. */
export class UserError extends Error {
  override readonly name = 'UserError';
}
