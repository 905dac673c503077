import type { Log } from '../../log/log.ts';
import { freezerOf } from '../checkpoint/freezer.ts';
import type { RuncState } from '../runtime/runc-state.ts';
import { endRepair } from './end-repair.ts';

const stopLimitMs = 1_000;

/** The processes of a container, standing still; none when it has ended with the CRIU that had code in it. */
const stopped = async ({ cgroups }: RuncState): Promise<readonly number[]> => {
  const freezer = freezerOf(cgroups);
  try {
    await freezer.freeze(stopLimitMs);
    return await freezer.processes();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};

/**
 * Gives a source back the sockets that a CRIU which has ended early had in hand. It may have let go of the processes, too:
 * they are stopped once more, for what they write to a socket in repair mode fails. Whoever calls this thaws them.
 * Never rejects: the source is to run on in any case.
 */
export const mendSockets = async (containers: readonly RuncState[], log: Log): Promise<void> => {
  try {
    const mended = await endRepair((await Promise.all(containers.map(stopped))).flat());
    if (mended > 0) log.warn({ mended }, 'CRIU had left sockets in repair mode');
  } catch (error) {
    log.error({ error }, 'Could not look for sockets that CRIU left in repair mode');
  }
};
