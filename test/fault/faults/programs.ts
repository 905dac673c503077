import { appeared, end, isCriuOf, isWrapper, type Matches, processesOn } from '../cluster/processes.ts';
import { type Fault, nothingToUndo, type Side } from './fault.ts';

/** Programs that a move starts on a node, and that live for a part of it only. */
const killed = (name: string, what: string, side: Side, matches: Matches): Fault => ({
  name,
  what: `${what} is killed`,
  touches: 'pair',
  async inject(scene) {
    await end(await appeared(`${what} on ${scene[side]}`, () => processesOn(scene[side], matches)), 'SIGKILL');
    return nothingToUndo;
  },
});

export const programFaults: readonly Fault[] = [
  killed('criu-dump-killed', 'CRIU that dumps', 'source', isCriuOf('checkpoint')),
  killed('criu-restore-killed', 'CRIU that restores', 'target', isCriuOf('restore')),
  killed('wrapper-killed', 'the wrapper of the runtime', 'target', isWrapper),
];
