import { inHost, inNetwork, run } from '../host/command.ts';

/**
 * A dump that failed or was ended can leave CRIU's nftables table in the pod's
 * network namespace (criu#2828), which then drops every packet for ever.
 * @param pid a process in the pod
 */
export const unlockNetwork = async (pid: number): Promise<void> => {
  const nft = (...args: string[]) => run([...inHost([]), ...inNetwork(pid, ['nft', ...args])], { timeoutMs: 5_000 });
  const tables = await nft('list', 'tables');
  for (const line of tables.split('\n')) {
    const [, family = '', name = ''] = /^table (\w+) (CRIU\S*)$/.exec(line.trim()) ?? [];
    if (name) await nft('delete', 'table', family, name);
  }
};
