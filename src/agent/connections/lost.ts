import type { Masqueraded } from '../../api/migration-node.ts';
import { run } from '../host/command.ts';
import { lostAmong, trackedIn } from './tracked.ts';

const limit = { timeoutMs: 10_000 };

/** Peers of the connections of a pod that end when it moves. Empty where the kernel does not tell. */
export const lostPeers = async (ip: string, signal: AbortSignal): Promise<readonly string[]> =>
  lostAmong(trackedIn(await run(['conntrack', '-L', '-s', ip], { ...limit, signal }).catch(() => '')));

/** As many as leave a report of a node small. */
const mostPeers = 5;

/** The same of these addresses, those without any left out. */
export const masqueradedFor = async (ips: ReadonlySet<string>, signal: AbortSignal): Promise<Masqueraded[]> => {
  if (ips.size === 0) return [];
  const tracked = trackedIn(await run(['conntrack', '-L', '--src-nat'], { ...limit, signal }).catch(() => ''));
  return [...ips].toSorted().flatMap((ip) => {
    const peers = lostAmong(tracked.filter(({ asked }) => asked.from.ip === ip));
    return peers.length > 0 ? { ip, peers: peers.slice(0, mostPeers) } : [];
  });
};
