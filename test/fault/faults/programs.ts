import type { Matches } from '../cluster/descendants.ts';
import { appeared, end, isGuard, isWrapper, processesOn } from '../cluster/processes.ts';
import { huntCriu } from './criu-hunt.ts';
import { type Fault, nothingToUndo, type Side } from './fault.ts';

/** Programs that a move starts on a node, and that live for a part of it only. */
const killed = (name: string, what: string, side: Side, matches: Matches): Fault => {
  const kill = async (node: string): Promise<void> =>
    end(await appeared(`${what} on ${node}`, () => processesOn(node, matches)), 'SIGKILL');
  return {
    name,
    what: `${what} is killed`,
    touches: 'pair',
    async inject(scene) {
      await kill(scene[side]);
      return nothingToUndo;
    },
  };
};

/** It lives for a tenth of a second, so it is waited for from the step before it is started. */
const criuKilled = (
  name: string,
  what: string,
  side: Side,
  { startedBy, afterMs = 0 }: { readonly startedBy: Matches; readonly afterMs?: number },
): Fault => ({
  name,
  what: afterMs === 0 ? `${what} is killed as soon as it is there` : `${what} is killed after ${String(afterMs)} ms`,
  touches: 'pair',
  async inject(scene) {
    const node = scene[side];
    const starters = processesOn(node, startedBy).map(({ pid }) => pid);
    if (starters.length === 0) throw new Error(`nobody on ${node} is about to start ${what}`);
    return { undo: await huntCriu(`${what} on ${node}`, { starters, afterMs }) };
  },
});

export const programFaults: readonly Fault[] = [
  criuKilled('criu-dump-killed', 'CRIU that dumps', 'source', { startedBy: isGuard }),
  // By then it has code in the processes and connections in its hand.
  criuKilled('criu-dump-killed-at-work', 'CRIU that dumps', 'source', { startedBy: isGuard, afterMs: 10 }),
  criuKilled('criu-restore-killed', 'CRIU that restores', 'target', { startedBy: isWrapper }),
  killed('wrapper-killed', 'the wrapper of the runtime', 'target', isWrapper),
];
