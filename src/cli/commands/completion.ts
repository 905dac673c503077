import { completionScripts } from '../completion/scripts.ts';
import { exitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';

/** Prints the script for a shell, or for kubectl. */
export const completion = (shell: string, terminal: Terminal): Promise<number> => {
  terminal.out(completionScripts[shell] ?? '');
  return Promise.resolve(exitCode.done);
};
