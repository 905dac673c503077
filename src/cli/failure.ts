/** Ends the command with a sentence for the person at the terminal, and no stack. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** The person has stopped the command; what it asked for goes on. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** As a shell gives it for a process that a signal ended. */
  readonly code: number;

  constructor(code: number) {
    super('interrupted; what was asked for goes on');
    this.code = code;
  }
}
