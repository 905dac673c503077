import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The program's name, as the kernel has it (proc(5), /proc/PID/stat); of a kubelet inside another program nothing is known. */
const programName = 'kubelet';

/** Of what stands behind the name, which is in parentheses: when the process was started. */
const startTimeField = 19;

/** Process and time of its start, because numbers of processes are given again; undefined when it is no kubelet. */
const identityOf = (processes: string, pid: string): string | undefined => {
  try {
    const stat = readFileSync(join(processes, pid, 'stat'), 'utf8');
    const end = stat.lastIndexOf(')'); // a name may have parentheses itself
    const startTime = stat.slice(end + 2).split(' ')[startTimeField] ?? '';
    return stat.slice(stat.indexOf('(') + 1, end) === programName ? `${pid} since ${startTime}` : undefined;
  } catch {
    return undefined; // it has ended
  }
};

/**
 * Which kubelet runs on this node now. One that is started anew knows nothing of
 * the starts that the one before it has asked for: containerd takes them back at
 * once, but says so only when the runtime has come to an end with them.
 *
 * @param processes the folder of the processes of the host.
 * @returns tells it, in some words that are another's for another; undefined when there is none.
 */
export const kubeletOf = (processes = '/proc'): (() => string | undefined) => {
  let known = '';
  return () => {
    const identity = known === '' ? undefined : identityOf(processes, known);
    if (identity !== undefined) return identity;
    known =
      readdirSync(processes).find((name) => /^\d+$/.test(name) && identityOf(processes, name) !== undefined) ?? '';
    return known === '' ? undefined : identityOf(processes, known);
  };
};
