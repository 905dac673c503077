import { setTimeout as sleep } from 'node:timers/promises';
import { kill } from '../../../lab/host/lab-processes.ts';
import {
  appeared,
  below,
  end,
  type Found,
  isCriu,
  isGuard,
  isWrapper,
  type Matches,
  processesOn,
} from '../cluster/processes.ts';
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

const killingMs = 1_000;

/** runc asks one CRIU what it can do before another one does the work: whatever comes within a second is killed. */
const killEach = async (what: string, find: () => readonly Found[]): Promise<void> => {
  let found = await appeared(what, find);
  for (const until = Date.now() + killingMs; Date.now() < until; found = find()) {
    for (const { pid } of found) kill(pid);
    await sleep(1);
  }
};

/** It lives for a tenth of a second, so it is waited for from the step before it is started. */
const killedWhenStarted = (
  name: string,
  what: string,
  side: Side,
  { startedBy, matches }: { readonly startedBy: Matches; readonly matches: Matches },
): Fault => ({
  name,
  what: `${what} is killed as soon as it is there`,
  touches: 'pair',
  inject(scene) {
    const node = scene[side];
    const starters = processesOn(node, startedBy);
    if (starters.length === 0) return Promise.reject(new Error(`nobody on ${node} is about to start ${what}`));
    const killing = killEach(`${what} on ${node}`, () => starters.flatMap(({ pid }) => below(pid, matches)));
    killing.catch(() => undefined); // told by the undo
    return Promise.resolve({ undo: () => killing });
  },
});

export const programFaults: readonly Fault[] = [
  killedWhenStarted('criu-dump-killed', 'CRIU that dumps', 'source', { startedBy: isGuard, matches: isCriu }),
  killedWhenStarted('criu-restore-killed', 'CRIU that restores', 'target', { startedBy: isWrapper, matches: isCriu }),
  killed('wrapper-killed', 'the wrapper of the runtime', 'target', isWrapper),
];
