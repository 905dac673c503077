/** What a command ends with, besides 128 and the number of the signal that stopped it. */
export const exitCode = {
  /** What was asked for is done, or the answer is yes. */
  done: 0,
  /** It could not be asked or answered: bad input, a refusal, no connection. Nothing was changed. */
  error: 1,
  /** It was answered, and the answer is no. */
  no: 2,
} as const;

export const exitCodeHelp: readonly string[] = [
  '0    what was asked for is done; a move that was waited for has succeeded',
  '1    an error: the command line or a name is wrong, or the API server refused or was not reached',
  '2    the answer is no: a pod cannot be moved, or a move that was waited for has not succeeded',
  '130  interrupted with Ctrl-C; what was asked for goes on',
];
