import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { start } from '../host/command.ts';
import { listeningQueue, type NetlinkQueue } from './netlink-queue.ts';
import { type Tracked, trackedIn } from './tracked.ts';

/**
 * Hears of each connection that begins, from its kernel and in the moment of its first packet (nf_conntrack_confirm):
 * to go through all that a kernel tracks takes it ten milliseconds and more, which a freeze has not.
 */
export interface NewConnections {
  /** Forgets what it has heard. From now on it hears of each, if it hears of any. */
  begin(): void;
  /** All since then, when nobody begins any more. Undefined when it cannot be told whether these are all. */
  all(): Promise<readonly Tracked[] | undefined>;
  close(): void;
}

/** Each is a turn of the event loop. Whoever has more to print than that is not waited for. */
const mostTurns = 50;

/** None of a process that has ended. */
const socketsOf = (pid: number): ReadonlySet<string> => {
  const folder = `/proc/${String(pid)}/fd`;
  try {
    const links = readdirSync(folder).map((name) => readlinkSync(`${folder}/${name}`));
    return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/u.exec(link)?.[1] ?? []));
  } catch {
    return new Set();
  }
};

/** It waits, so it has said what it has heard. */
const isIdle = (pid: number): boolean => /^\d+ \(.*\) S /u.test(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'));

/** Where the kernel was told to tell of nothing, nobody hears of anything. */
const tellsEvents = (): boolean => {
  try {
    return readFileSync('/proc/sys/net/netfilter/nf_conntrack_events', 'utf8').trim() !== '0';
  } catch {
    return false;
  }
};

export const listenForNew = (ip: string): NewConnections => {
  const child = start(['nice', '-n', '-20', 'conntrack', '-E', '-e', 'NEW', '-s', ip]);
  const heard: Tracked[] = [];
  child.on('error', () => undefined); // has no socket then
  child.stdin?.on('error', () => undefined);
  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', (line) => {
      heard.push(...trackedIn(line.replace(/^\s*\[NEW\]\s*/u, '')));
    });
  let sockets: ReadonlySet<string> = new Set();
  let isEarlyEnough = false;

  /** Undefined when it has ended, too. */
  const queue = (): NetlinkQueue | undefined => {
    const { pid } = child;
    if (pid === undefined || child.exitCode !== null) return undefined;
    try {
      return listeningQueue(readFileSync('/proc/net/netlink', 'utf8'), sockets);
    } catch {
      return undefined; // it has ended
    }
  };
  return {
    begin() {
      heard.length = 0;
      sockets = child.pid === undefined ? new Set() : socketsOf(child.pid);
      isEarlyEnough = queue() !== undefined && tellsEvents();
    },
    async all() {
      for (let turn = 0; isEarlyEnough && turn < mostTurns; turn += 1) {
        const now = queue();
        if (!now || now.hasLost) return undefined;
        const isSaid = now.isEmpty && isIdle(child.pid ?? 0);
        await nextTurn(); // reads what was said
        await nextTurn();
        if (isSaid) return [...heard];
      }
      return undefined;
    },
    close() {
      child.kill('SIGKILL');
    },
  };
};
