import { run } from '../host/command.ts';
import type { KeeperOptions } from '../network/keeper-options.ts';
import { sourceTowards } from '../network/kernel-routes.ts';
import { landmarkOf } from '../network/landmark.ts';
import { clientRules, clientTable } from './client-source.ts';

/** Keeps the node's table of clients (client-source.ts) as the leases say. */
export interface ClientKeeper {
  /** The leases have changed. Does nothing where the addresses are the same, as they are when one of them moves. */
  refresh(): void;
  /** The nodes have changed, or time has passed: somebody else may have taken the table away. */
  inspect(): void;
  close(): void;
}

const limit = { timeoutMs: 10_000 };

const isThere = async (): Promise<boolean> =>
  (await run(['nft', 'list', 'tables', 'ip'], limit)).split('\n').includes(`table ip ${clientTable}`);

export const keepClients = ({ here, leases, nodes, log }: KeeperOptions): ClientKeeper => {
  /** As the kernel has it. */
  let known = '';
  let source: string | undefined;
  let last: Promise<void> = Promise.resolve();
  let isWaiting = false;
  let isClosed = false;

  /** What a masquerade would take for a pod on any other node. */
  const ownSource = async (): Promise<string | undefined> => {
    const landmarks = nodes.items().flatMap((node) => (node.metadata.name === here ? [] : (landmarkOf(node) ?? [])));
    for (const landmark of landmarks) {
      const found = await sourceTowards(landmark).catch(() => undefined); // a node that is gone
      if (found !== undefined) return found;
    }
    return undefined;
  };

  const set = async (): Promise<void> => {
    isWaiting = false;
    if (isClosed) return;
    const addresses = leases.items().map(({ spec }) => spec.ip);
    if (known === '' && addresses.length === 0) return;
    source ??= await ownSource();
    if (source === undefined) return; // alone in the cluster: nothing can be moved
    const rules = clientRules(source, [...new Set(addresses)].sort());
    if (rules === known) return;
    await run(['nft', '-f', '-'], { ...limit, input: rules });
    known = rules;
  };

  const inTurn = (work: () => Promise<void>): void => {
    last = last.then(work).catch((error: unknown) => {
      log.warn(
        { error },
        'Could not set the source address of clients: those of the nodes of a move lose their connections',
      );
    });
  };

  const refresh = (): void => {
    if (isClosed || isWaiting) return;
    isWaiting = true;
    inTurn(set);
  };

  return {
    refresh,
    inspect() {
      inTurn(async () => {
        if (known === '' || isClosed) return;
        source = await ownSource();
        if (!(await isThere())) known = '';
      });
      refresh();
    },
    close() {
      isClosed = true;
    },
  };
};
