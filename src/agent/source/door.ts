import { readFile } from 'node:fs/promises';
import type { Clock } from '../../clock/clock.ts';
import { newcomersIn, shuttingOut } from '../connections/newcomers.ts';
import { nftInput, prepare } from '../connections/prepared.ts';
import { inNetwork } from '../host/command.ts';
import { onHost } from '../host/paths.ts';

/**
 * The way to a client and back, for whom half of a connection is made; and what a busy program needs to let in those that
 * have come.
 */
const patienceMs = 100;
const lookAgainMs = 2;
/** So much longer than a freeze may last the kernel keeps it shut. */
const spareSeconds = 5;

/** That of a pod, through which its clients come. */
export interface Door {
  /**
   * Shuts out all that come from now on, and resolves when those that had come before have been let in by the program, which
   * still runs. One that lets nobody in is not waited for. Whoever opens it removes the table (network-lock.ts).
   */
  shut(signal: AbortSignal): Promise<void>;
  close(): void;
}

/** @param pid a process of the pod */
export const openDoor = (pid: number, maxFreezeSeconds: number, clock: Pick<Clock, 'sleep'>): Door => {
  const nft = prepare(inNetwork(pid, nftInput));
  const newcomers = async (): Promise<number> => {
    const said = await Promise.all(
      ['tcp', 'tcp6'].map((name) => readFile(onHost(`/proc/${String(pid)}/net/${name}`), 'utf8').catch(() => '')), // no IPv6
    );
    return said.reduce((sum, text) => sum + newcomersIn(text), 0);
  };
  return {
    async shut(signal) {
      await nft.go(shuttingOut(maxFreezeSeconds + spareSeconds));
      for (let waited = 0; waited < patienceMs && (await newcomers()) > 0; waited += lookAgainMs)
        await clock.sleep(lookAgainMs, signal);
    },
    close() {
      nft.close();
    },
  };
};
