import { open, rename } from 'node:fs/promises';
import type { IPLease } from '../../api/addresses.ts';
import type { Node } from '../../api/pod.ts';
import type { Clock } from '../../clock/clock.ts';
import type { Lookup } from '../../kube/lookup.ts';
import type { Log } from '../../log/log.ts';
import { leasedLines } from './leased-list.ts';

/** What cannot be written is logged, and tried again by the next call: pods start with the list that there is. */
export interface LeasedFile {
  /** The leases, or this node, have changed. */
  refresh(): void;
  /** Writes it anew whatever has changed: what transship-ipam owes to its plugin waits for a list that is newer. */
  renew(): Promise<void>;
}

export interface LeasedFileOptions {
  readonly path: string;
  readonly leases: Lookup<IPLease>;
  readonly nodes: Lookup<Node>;
  readonly here: string;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly log: Log;
}

/** Hundreds of leases that change at once are one list; a pod needs longer than this to leave its node. */
const gatheringMs = 100;

/** A node without current has the old list afterwards, or the new one, and never half of it. */
const replace = async (path: string, text: string): Promise<void> => {
  const fresh = `${path}.new`;
  const file = await open(fresh, 'w', 0o644);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
};

/** Keeps the list on disk as the leases are; it outlives the agent and a reboot. */
export const keepLeasedFile = ({ path, leases, nodes, here, clock, log }: LeasedFileOptions): LeasedFile => {
  let written: string | undefined;
  let isWaiting = false;
  /** One after the other: two that wrote at once would write into the same file. */
  let last: Promise<void> = Promise.resolve();

  const write = async (isForced: boolean): Promise<void> => {
    const lines = leasedLines(leases.items(), here, nodes.get({ name: here }));
    const text = lines.map((line) => `${line}\n`).join('');
    if (text === written && !isForced) return;
    written = undefined;
    await replace(path, text);
    written = text;
  };
  const inTurn = (isForced: boolean): Promise<void> => {
    last = last.then(async () => {
      isWaiting = false;
      try {
        await write(isForced);
      } catch (error) {
        log.warn({ error }, 'Could not write the list of leased addresses');
      }
    });
    return last;
  };
  return {
    refresh() {
      if (isWaiting) return;
      isWaiting = true;
      void clock.sleep(gatheringMs).then(() => inTurn(false));
    },
    renew: () => inTurn(true),
  };
};
