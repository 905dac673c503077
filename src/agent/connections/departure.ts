import { run } from '../host/command.ts';
import type { Log } from '../../log/log.ts';
import { type Channel, unlessAborted } from '../transfer/channel.ts';
import { connectionsOf, openConnections } from './kernel.ts';
import { stillOpen } from './own-sockets.ts';
import { listenForNew } from './new-connections.ts';
import { nftInput, prepare } from './prepared.ts';
import { gathered, hasMore, mostConnections, type ServiceConnection } from './service-connection.ts';
import { departureTable } from './tables.ts';
import { throughServices, trackedIn } from './tracked.ts';

/** The connections of a pod to Services, at the node that it leaves. */
export interface Departure {
  /** Tells the target about those that it does not know of yet. */
  tell(channel: Channel, signal: AbortSignal): Promise<void>;
  /** The pod stands still and begins no more: looks for the last time, by processes that were started before. */
  lookLast(): void;
  /** Tells what that look has found. */
  tellLast(channel: Channel, signal: AbortSignal): Promise<void>;
  /** From now on this node leaves them alone: what it gets of them it sends on as it is. */
  letAlone(): Promise<void>;
  close(): void;
}

export interface Leaving {
  readonly ip: string;
  /** A process of the pod. */
  readonly pid: number;
  readonly log: Log;
}

const listing = (ip: string) => ['conntrack', '-L', '-s', ip];

/** What an earlier move has brought here, as far as it is still open. */
const brought = async ({ ip, pid }: Leaving): Promise<readonly ServiceConnection[]> => {
  const known = await connectionsOf('home', ip);
  return known.length > 0 ? stillOpen(known, await openConnections(pid)) : [];
};

export const openDeparture = async (leaving: Leaving): Promise<Departure> => {
  const { ip, log } = leaving;
  const before = await brought(leaving);
  const began = listenForNew(ip);
  const conntrack = prepare(['sh', '-c', `read -r word && exec ${listing(ip).join(' ')}`]);
  const nft = prepare(nftInput);
  let told: readonly ServiceConnection[] = [];
  let listed: readonly ServiceConnection[] = [];
  let last: Promise<readonly ServiceConnection[]> = Promise.resolve([]);

  const read = async (said: Promise<string>): Promise<readonly ServiceConnection[]> =>
    throughServices(
      await said.then(trackedIn).catch((error: unknown) => {
        log.warn({ error, ip }, 'The kernel does not tell which connections of a pod it tracks: Services are not kept');
        return [];
      }),
    );
  /** All of them only where nobody knows which have begun since. */
  const readLast = async (): Promise<readonly ServiceConnection[]> => {
    const since = await began.all();
    return since ? gathered(listed, throughServices(since)) : read(conntrack.go('go\n'));
  };
  const allWith = (found: readonly ServiceConnection[]): readonly ServiceConnection[] => {
    const all = gathered(before, found);
    if (all.length > mostConnections) log.warn({ ip, connections: all.length }, 'A pod has too many connections');
    return all.slice(0, mostConnections);
  };
  const say = async (now: readonly ServiceConnection[], channel: Channel, signal: AbortSignal): Promise<void> => {
    if (!hasMore(now, told)) return;
    told = now;
    await channel.say({ say: 'connections', connections: [...now] }, signal);
  };
  return {
    async tell(channel, signal) {
      began.begin();
      listed = await read(run(listing(ip), { signal }));
      await say(allWith(listed), channel, signal);
    },
    lookLast() {
      last = readLast();
      last.catch(() => undefined); // whoever tells of it is told
    },
    tellLast: async (channel, signal) => say(allWith(await unlessAborted(last, signal)), channel, signal),
    async letAlone() {
      if (told.length > 0) await nft.go(departureTable(ip, told));
    },
    close() {
      began.close();
      conntrack.close();
      nft.close();
    },
  };
};
