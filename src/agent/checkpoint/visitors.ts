import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onHost } from '../host/paths.ts';

/** Undefined when it has ended. */
export const parentOf = (pid: number, proc = onHost('/proc')): number | undefined => {
  try {
    const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(join(proc, String(pid), 'status'), 'utf8'))?.[1];
    return parent === undefined ? undefined : Number(parent);
  } catch {
    return undefined;
  }
};

/**
 * Those processes of a container that its own have not started: a probe of the kubelet, or `kubectl exec`. CRIU holds
 * all that are in the container's cgroup while it dumps, and does not take these along. One that is killed meanwhile,
 * such as a probe that has had no answer, ends CRIU at once (criu/parasite-syscall.c, sigchld_handler).
 *
 * @param first the process that the container was started with
 * @param parent tells the parent of a process
 */
export const visitorsIn = (
  first: number,
  processes: readonly number[],
  parent: (pid: number) => number | undefined = (pid) => parentOf(pid),
): readonly number[] => {
  const all = new Set(processes);
  return processes.filter((pid) => {
    const from = parent(pid);
    return pid !== first && from !== undefined && !all.has(from);
  });
};
