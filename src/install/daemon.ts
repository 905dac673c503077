import { readdir, readFile } from 'node:fs/promises';
import { inHost, run } from '../agent/host/command.ts';
import { onHost } from '../agent/host/paths.ts';

export interface Daemon {
  readonly pid: number;
  readonly command: readonly string[];
}

const read = (path: string): Promise<string> => readFile(onHost(path), 'utf8').catch(() => ''); // it has ended since

/** The process of a daemon on the host that `isIt` accepts, by its name and command line. */
export const findDaemon = async (
  name: string,
  isIt: (command: readonly string[]) => boolean = () => true,
): Promise<Daemon | undefined> => {
  const pids = (await readdir(onHost('/proc'))).filter((entry) => /^\d+$/.test(entry));
  for (const pid of pids) {
    if ((await read(`/proc/${pid}/comm`)).trim() !== name) continue;
    const command = (await read(`/proc/${pid}/cmdline`)).split('\0').filter(Boolean);
    if (isIt(command)) return { pid: Number(pid), command };
  }
  return undefined;
};

/** The value of `--name value` or `--name=value` in a command line. */
export const flagOf = (command: readonly string[], ...names: readonly string[]): string | undefined => {
  for (const [i, word] of command.entries()) {
    const [flag = '', value] = word.split('=', 2);
    if (names.includes(flag)) return value ?? command[i + 1];
  }
  return undefined;
};

/**
 * Restarts a daemon by the host's service manager, or, where there is none, by
 * ending it and leaving the start to whatever supervises it.
 */
export const restartDaemon = async (unit: string, pid: number): Promise<void> => {
  const hasSystemd = await run(inHost(['test', '-d', '/run/systemd/system'])).then(
    () => true,
    () => false,
  );
  if (hasSystemd) await run(inHost(['systemctl', 'restart', unit]), { timeoutMs: 60_000 });
  else process.kill(pid, 'SIGTERM');
};
