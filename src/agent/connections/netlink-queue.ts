/** What /proc/net/netlink says of a socket that hears of events. */
export interface NetlinkQueue {
  /** Nothing waits in it. */
  readonly isEmpty: boolean;
  /** Something did not fit into it. */
  readonly hasLost: boolean;
}

/**
 * The one of these sockets that is a member of a group; undefined when there is none.
 *
 * @param inodes of the sockets of a process
 */
export const listeningQueue = (table: string, inodes: ReadonlySet<string>): NetlinkQueue | undefined => {
  for (const line of table.split('\n')) {
    const [, , , groups = '', waiting, , , , drops, inode = ''] = line.trim().split(/\s+/u);
    if (inodes.has(inode) && Number.parseInt(groups, 16) > 0)
      return { isEmpty: waiting === '0', hasLost: drops !== '0' };
  }
  return undefined;
};
