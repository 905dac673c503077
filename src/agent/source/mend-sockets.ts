import type { Log } from '../../log/log.ts';
import { freezerOf } from '../checkpoint/freezer.ts';
import type { RuncState } from '../runtime/runc-state.ts';
import { endRepair } from './end-repair.ts';

const stopLimitMs = 1_000;

/**
 * Gives a source back the sockets that a CRIU which has ended early had in hand. It may have let go of the processes, too:
 * they are stopped once more, for what they write to a socket in repair mode fails. Whoever calls this thaws them.
 * Never rejects: the source is to run on in any case.
 */
export const mendSockets = async (containers: readonly RuncState[], log: Log): Promise<void> => {
  const freezers = containers.map(({ cgroups }) => freezerOf(cgroups));
  try {
    await Promise.all(freezers.map((freezer) => freezer.freeze(stopLimitMs)));
    const mended = await endRepair((await Promise.all(freezers.map((freezer) => freezer.processes()))).flat());
    if (mended > 0) log.warn({ mended }, 'CRIU had left sockets in repair mode');
  } catch (error) {
    log.error({ error }, 'Could not look for sockets that CRIU left in repair mode');
  }
};
