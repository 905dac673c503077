import { appeared, end, isCriuOf, isWrapper, type Matches, processesOn } from '../cluster/processes.ts';
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
const killedWhenStarted = (name: string, what: string, side: Side, matches: Matches): Fault => ({
  name,
  what: `${what} is killed as soon as it is there`,
  touches: 'pair',
  inject(scene) {
    const node = scene[side];
    const killing = appeared(`${what} on ${node}`, () => processesOn(node, matches)).then((found) =>
      end(found, 'SIGKILL'),
    );
    killing.catch(() => undefined); // told by the undo
    return Promise.resolve({ undo: () => killing });
  },
});

export const programFaults: readonly Fault[] = [
  killedWhenStarted('criu-dump-killed', 'CRIU that dumps', 'source', isCriuOf('checkpoint')),
  killedWhenStarted('criu-restore-killed', 'CRIU that restores', 'target', isCriuOf('restore')),
  killed('wrapper-killed', 'the wrapper of the runtime', 'target', isWrapper),
];
