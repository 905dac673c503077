import { readFileSync } from 'node:fs';
import type { Matches } from '../cluster/descendants.ts';
import { processesOn } from '../cluster/processes.ts';

const stateOf = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  } catch {
    return ''; // it has ended
  }
};

const ofMoves: Matches = (command) =>
  command.some((word) => /(^|\/)(criu|transship-runc)$/.test(word)) ||
  (/(^|\/)runc$/.test(command[0] ?? '') && command.some((word) => word === 'restore' || word === 'checkpoint'));

const isStopped: Matches = (_command, { pid }) => stateOf(pid) === 'T';

/** Processes of a node that move something, or that stand still because something was moved. */
export const processesOfMoves = (node: string): readonly string[] =>
  processesOn(node, (command, found) => ofMoves(command, found) || isStopped(command, found)).map(
    ({ command, pid }) => `process ${command.slice(0, 6).join(' ')} (${stateOf(pid)})`,
  );

/** How many programs of a lane a node runs. */
export const tickersOn = (node: string, lane: number): number =>
  processesOn(node, (command) => command[0] === '/ticker' && command[3] === String(lane)).length;
