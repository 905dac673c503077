import type { Migration } from '../api/migration.ts';
import type { Finding } from '../api/reasons.ts';

/** As many as one reads. */
const mostNamed = 5;

/** @param peers as they stand in the record: address, port and protocol */
export const peersText = (peers: readonly string[]): string => {
  const rest = peers.length - mostNamed;
  return peers.slice(0, mostNamed).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
};

const lostBy = ({ status }: Migration): readonly string[] => status?.source?.lostConnections ?? [];

/** What the source's agent has found out before anything was touched; undefined when every connection goes along. */
export const connectionsToLose = (migration: Migration): Finding | undefined => {
  const peers = lostBy(migration);
  if (peers.length === 0) return undefined;
  const message = `the move of Pod ${migration.spec.podName} ends its connections to ${peersText(peers)}, which know it by the address of node ${migration.status?.source?.nodeName ?? ''}`;
  return { reason: 'ConnectionsLost', message };
};

/** What is to be added where it is said that the pod was moved. */
export const lossNote = (migration: Migration): string => {
  const peers = lostBy(migration);
  return peers.length === 0 ? '' : `; its connections to ${peersText(peers)} ended`;
};

/** Why a policy that refuses it has the pod stay. */
export const refusalOf = (pod: string, peers: readonly string[]): Finding => ({
  reason: 'ConnectionsLost',
  message: `Pod ${pod} would lose its connections to ${peersText(peers)}, which its policy does not allow (lostConnections: Refuse)`,
});
