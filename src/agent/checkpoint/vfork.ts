import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onHost } from '../host/paths.ts';

/**
 * Where a task sleeps in the kernel that has called vfork(2), or clone(2) with
 * CLONE_VFORK as posix_spawn does, until its child has executed another program
 * (kernel/fork.c: wait_for_vfork_done, which compilers put into its caller).
 */
const vforkWaits: ReadonlySet<string> = new Set(['wait_for_vfork_done', 'kernel_clone', '_do_fork', 'do_fork']);

/** A task that ends while it is looked at waits for nobody. */
const waitsIn = (folder: string): boolean => {
  try {
    return vforkWaits.has(readFileSync(join(folder, 'wchan'), 'utf8').trim());
  } catch {
    return false;
  }
};

const tasksIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(join(folder, 'task')).map((task) => join(folder, 'task', task));
  } catch {
    return [];
  }
};

/**
 * Those of these frozen processes that wait for a child. CRIU can stop the child,
 * but not the parent, which only wakes up when the child goes on, and so would
 * wait for ever (criu/seize.c; no time limit of its own covers it). It lasts less
 * than a millisecond as a rule.
 */
export const vforkingOf = (pids: readonly number[], proc = onHost('/proc')): readonly number[] =>
  pids.filter((pid) => tasksIn(join(proc, String(pid))).some(waitsIn));
