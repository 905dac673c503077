import { shutTable } from '../connections/newcomers.ts';
import { inNetwork, run } from '../host/command.ts';

/**
 * A dump that failed or was ended can leave CRIU's nftables table in the pod's
 * network namespace (criu#2828), which then drops every packet for ever, and our
 * own there shuts out who comes newly. The namespace is that of the pod, not that
 * of one of its processes: a program may have ended with the CRIU that had code
 * in it, and another one be started there.
 * @param network path of the namespace on the host
 */
export const unlockNetwork = async (network: string): Promise<void> => {
  const nft = (...args: string[]) => run(inNetwork(network, ['nft', ...args]), { timeoutMs: 5_000 });
  const tables = await nft('list', 'tables');
  for (const line of tables.split('\n')) {
    const [, family = '', name = ''] = /^table (\w+) (\S+)$/.exec(line.trim()) ?? [];
    if (name.startsWith('CRIU') || name === shutTable) await nft('delete', 'table', family, name);
  }
};
