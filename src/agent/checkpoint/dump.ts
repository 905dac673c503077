import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RuncState } from '../runtime/runc-state.ts';
import type { ImageDirectory } from './image-directory.ts';

/** What CRIU says in every log, whether it works or not (criu/config.c, criu/util.c). */
const isUsual = (line: string): boolean => line.includes('Unable to get $HOME') || line.includes('rlimit: Can');

/** The lines of CRIU's log that say what went wrong; empty when none does, as that of a CRIU that was killed. */
export const criuComplaints = (log: string): string => {
  const errors = log
    .split('\n')
    .filter((line) => (line.includes('Error') || line.includes('Unable')) && !isUsual(line));
  return errors
    .slice(-3)
    .map((line) => line.replace(/^\([\d.]+\)\s*/, '').trim())
    .join(' | ');
};

/** How long CRIU was at work by its own log, in milliseconds: each line begins with the seconds since its start. */
export const criuDuration = (log: string): number => {
  const stamps = [...log.matchAll(/^\((\d+\.\d+)\)/gm)];
  return Math.round(Number(stamps.at(-1)?.[1] ?? 0) * 1000);
};

export const readDuration = async (path: string): Promise<number> =>
  criuDuration(await readFile(path, 'utf8').catch(() => ''));

export const readComplaints = async (path: string): Promise<string> =>
  criuComplaints(await readFile(path, 'utf8').catch(() => ''));

/**
 * A dump of a frozen container that leaves it frozen. Its cgroups are the pod's, and the target's pod has others: CRIU
 * is not to look at them (runc puts the restored processes where they belong). `--leave-running` keeps
 * CRIU from killing it: the source stays whole until the move has committed.
 */
export const dumpCommand = (runc: string, container: RuncState, image: ImageDirectory): readonly string[] => [
  ...[runc, '--root', container.root, '--log', join(image.logs, 'runc.log')],
  ...['checkpoint', '--leave-running', '--tcp-established', '--file-locks', '--manage-cgroups-mode', 'ignore'],
  ...['--image-path', image.path, '--work-path', image.logs, container.id],
];
