import { readdirSync, readFileSync } from 'node:fs';

/*
 * Processes as /proc tells of them. Read without waiting in between: some of those that are looked for live for less than
 * a tenth of a second.
 */

export interface Found {
  readonly pid: number;
  readonly parent: number;
  readonly command: readonly string[];
}

export type Matches = (command: readonly string[], found: { readonly pid: number; readonly parent: number }) => boolean;

/** What stands in a file of /proc; nothing when the process has ended. */
export const text = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it has ended
  }
};

export const commandOf = (pid: number): readonly string[] =>
  text(`/proc/${String(pid)}/cmdline`)
    .split('\0')
    .slice(0, -1);

/** runc runs CRIU as a server, and tells it what to do; it then calls itself by what it does (criu/cr-service.c, setproctitle). */
export const isCriu: Matches = ([program = '', first]) =>
  /^criu: (dump|restore)/.test(program) || (/(^|\/)criu$/.test(program) && first === 'swrk');

/** The children of a process, by all of its threads: Go starts a program from any of them. */
const childrenOf = (pid: number): readonly number[] => {
  try {
    return readdirSync(`/proc/${String(pid)}/task`).flatMap((thread) =>
      text(`/proc/${String(pid)}/task/${thread}/children`)
        .split(' ')
        .filter(Boolean)
        .map(Number),
    );
  } catch {
    return []; // it has ended
  }
};

/** Those below a process that match. A look takes a fraction of a millisecond, where one at all processes takes tens of them. */
export const below = (pid: number, matches: Matches): readonly Found[] =>
  childrenOf(pid).flatMap((child) => {
    const command = commandOf(child);
    const mine = matches(command, { pid: child, parent: pid }) ? [{ pid: child, parent: pid, command }] : [];
    return [...mine, ...below(child, matches)];
  });
