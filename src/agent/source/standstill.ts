import { setTimeout as sleep } from 'node:timers/promises';
import { ReasonedError } from '../../api/reasons.ts';
import type { Freezer } from '../checkpoint/freezer.ts';
import { vforkingOf } from '../checkpoint/vfork.ts';
import type { Crossing } from '../sockets/crossing.ts';

/** Of all tries: a probe of the kubelet waits for a second, and after three without an answer a container is ended. */
const limitMs = 1_000;
/** Each takes about three milliseconds. */
const mostTries = 40;
const goOnMs = 1;

const frozenAll = async (freezers: readonly Freezer[], leftMs: number): Promise<readonly (readonly number[])[]> => {
  await Promise.all(freezers.map((freezer) => freezer.freeze(leftMs)));
  return Promise.all(freezers.map((freezer) => freezer.processes()));
};

const vforkIn = (processes: readonly (readonly number[])[]): string | undefined => {
  const waiting = vforkingOf(processes.flat());
  if (waiting.length === 0) return undefined;
  return `process ${waiting.join(', ')} waits for a child that has not executed its program, which CRIU cannot stop`;
};

/**
 * Stops the containers of a pod in a moment in which CRIU can dump them: all
 * stand still before the first is dumped, which makes one cut through what they
 * say to each other, none waits for a child that it has vforked, and none for
 * another to accept its connection. Those that do are let go on for a moment,
 * and stopped again.
 *
 * Rejects with DumpFailed when that moment does not come, with SocketShared when
 * it never can; they may be frozen then.
 * @param crossing of a pod of several containers
 * @returns the processes of each container
 */
export const standStill = async (
  freezers: readonly Freezer[],
  crossing: Crossing | undefined,
): Promise<readonly (readonly number[])[]> => {
  const begun = performance.now();
  const leftMs = (): number => limitMs - (performance.now() - begun);
  for (let tries = 0; ; tries += 1) {
    const processes = await frozenAll(freezers, leftMs());
    let why = vforkIn(processes);
    if (why === undefined) {
      why = await crossing?.look(processes);
      if (why === undefined) return processes;
      crossing?.prepare();
    }
    if (tries === mostTries || leftMs() < goOnMs) throw new ReasonedError('DumpFailed', why);
    for (const freezer of freezers) freezer.thaw();
    await sleep(goOnMs);
  }
};
