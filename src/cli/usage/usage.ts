import type { Command } from 'commander';
import type { Session } from '../session.ts';
import type { Terminal } from '../terminal.ts';

/*
 * The files of this folder say what can be written on the command line, one
 * command each. They are loaded for every command line, so they load nothing
 * themselves: what a command does is imported when it is called for.
 */

/** Runs what a command does; what that resolves to is the exit code of the program. */
export interface Runner {
  /** With a connection to the cluster, as the flags of the command line say. */
  readonly connected: (command: Command, work: (session: Session) => Promise<number>) => Promise<void>;
  readonly offline: (work: (terminal: Terminal) => Promise<number>) => Promise<void>;
}

/** Adds one command to the program. */
export type AddCommand = (program: Command, runner: Runner) => void;

/** A part of the help that stands below the flags. */
export const section = (title: string, lines: readonly string[]): string =>
  ['', `${title}:`, ...lines.map((line) => `  ${line}`)].join('\n');

export const examples = (...lines: readonly string[]): string => section('Examples', lines);
