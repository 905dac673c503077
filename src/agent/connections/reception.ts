import { forget, removeTables, removeWithTraces } from './kernel.ts';
import { alwaysPrepared, nftInput, type Prepared } from './prepared.ts';
import { additionsAmong, gathered, hasMore, type ServiceConnection } from './service-connection.ts';
import { arrivalAdditions, arrivalTables } from './tables.ts';

/** The connections of a pod to Services, at the node where it arrives. */
export interface Reception {
  /** Resolves when the kernel knows what to do with them. What it knew of them before it forgets meanwhile. */
  take(connections: readonly ServiceConnection[]): Promise<void>;
  /** Resolves when nothing is left of what the kernel knew before. To be awaited before the pod says anything. */
  settled(): Promise<void>;
  close(): void;
}

/** @param device behind which the pod is found */
export const openReception = (ip: string, device: string): Reception => {
  const nft: Prepared = alwaysPrepared(nftInput);
  let known: readonly ServiceConnection[] = [];
  let forgetting: Promise<void> = Promise.resolve();
  return {
    async take(connections) {
      if (!hasMore(connections, known)) return;
      const more = known.length > 0 ? additionsAmong(connections, known) : undefined;
      const before = known;
      known = gathered(known, connections);
      await nft.go(more ? arrivalAdditions(ip, more, before) : arrivalTables(ip, device, known));
      forgetting = forgetting.then(() => forget(ip, more ?? connections));
      forgetting.catch(() => undefined); // whoever waits for it is told
    },
    settled: () => forgetting,
    close: () => nft.close(),
  };
};

/** The target has been taken back: nothing may be left that takes an endpoint's words to the source for another's. */
export const takeLeave = (ip: string): Promise<void> => removeWithTraces(['held', 'home'], ip);

/** The pod speaks for itself now. */
export const endReception = (ip: string): Promise<void> => removeTables(['held'], ip);
