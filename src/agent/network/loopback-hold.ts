import { access } from 'node:fs/promises';
import { inNetwork, outcomeOf, run, start } from '../host/command.ts';
import { onHost } from '../host/paths.ts';

/**
 * Lets nothing through between the containers of a held pod. A socket that has
 * just been restored probes its peer (tcp_send_window_probe), and the kernel
 * answers for a peer that is not restored yet with a reset. A queue that holds
 * one byte takes no packet (net/sched/sch_fifo.c, bfifo_enqueue), and to TCP that
 * is a loss. The loopback device has no queue of its own (`noqueue`).
 */
const hold = ['qdisc', 'replace', 'dev', 'lo', 'root', 'bfifo', 'limit', '1'];
const letGo = ['qdisc', 'del', 'dev', 'lo', 'root'];

export interface LoopbackHold {
  /** Resolves when the kernel lets packets through again; the process that does it has been started before. */
  letGo(): Promise<void>;
  close(): void;
}

/** @param network path of the pod's network namespace on the host. */
export const holdLoopback = async (network: string): Promise<LoopbackHold> => {
  await run(inNetwork(network, ['tc', ...hold]));
  const child = start(inNetwork(network, ['tc', '-batch', '-']));
  const ended = outcomeOf(child);
  ended.catch(() => undefined); // whoever lets go is told
  return {
    async letGo() {
      child.stdin?.end(`${letGo.join(' ')}\n`);
      const { code, stderr } = await ended;
      if (code !== 0) throw new Error(`tc could not let packets of the loopback through: ${stderr.trim()}`);
    },
    close() {
      if (child.exitCode === null) child.kill('SIGKILL');
    },
  };
};

const isHeld = async (network: string): Promise<boolean> =>
  (await run(inNetwork(network, ['tc', 'qdisc', 'show', 'dev', 'lo']))).includes('bfifo');

const isThere = (network: string): Promise<boolean> =>
  access(onHost(network)).then(
    () => true,
    () => false,
  );

/** For whoever finds a pod that another process has held. Does nothing where nobody holds anything, or the pod is gone. */
export const freeLoopback = async (network: string): Promise<void> => {
  try {
    if (await isHeld(network)) await run(inNetwork(network, ['tc', ...letGo]));
  } catch (error) {
    if (await isThere(network)) throw error;
  }
};
