import type { Log } from '../../log/log.ts';
import type { Unreadable } from './entries.ts';

const whatToDo = {
  source:
    'its source may still be frozen: look at the Migration of this UID, end what is left of its source pod with `kubectl delete pod` if it has committed, and then delete this file',
  target: 'its target may still be held: look at the Migration of this UID, and delete this file when it has ended',
} as const;

/**
 * Says which moves an agent cannot take over. It works all the same: an agent that does not start moves nothing and
 * rolls nothing back, on the whole node.
 */
export const tellUnreadable = (log: Log, side: keyof typeof whatToDo, found: readonly Unreadable[]): void => {
  for (const { path, why } of found)
    log.error({ path, why }, `Does not understand what an earlier agent wrote of a move; ${whatToDo[side]}`);
};
