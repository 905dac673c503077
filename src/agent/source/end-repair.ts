import { endRepairProgram } from '../host/paths.ts';
import { run } from '../host/command.ts';

const limitMs = 5_000;

/**
 * Takes the TCP sockets of these processes out of the repair mode in which a CRIU that ended early has left them. They
 * are to stand still: what they write until then fails.
 * @param program end-repair.pl, in this container
 * @returns how many were in it
 */
export const endRepair = async (pids: readonly number[], program = endRepairProgram): Promise<number> =>
  pids.length === 0 ? 0 : Number(await run(['/usr/bin/perl', program, ...pids.map(String)], { timeoutMs: limitMs }));
