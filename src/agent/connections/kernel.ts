import { z } from 'zod';
import { inNetwork, run } from '../host/command.ts';
import { listing, namesIn } from './own-sockets.ts';
import { type ServiceConnection, serviceConnection } from './service-connection.ts';
import { forgettingOrders } from './stale.ts';
import { clientRemoval } from './client-source.ts';
import { type FoundTable, tablesIn } from './found-tables.ts';
import { mapName, removal, type TableKind, tableOf } from './tables.ts';

const limit = { timeoutMs: 10_000 };

/** A number where nobody has told the name of it (/etc/protocols). */
const protocolNames: Readonly<Record<string, string>> = { 6: 'tcp', 17: 'udp' };
const protocol = z.union([z.string(), z.number()]).transform((said) => protocolNames[said] ?? said);

/** An element of the map that each of our tables has; one that ends of itself is told with more around it. */
const key = z.object({ concat: z.tuple([protocol, z.number(), z.string(), z.number()]) });
const element = z.tuple([
  z.union([key, z.object({ elem: z.object({ val: key }) }).transform(({ elem }) => elem.val)]),
  z.object({ concat: z.tuple([z.string(), z.number()]) }),
]);
const listed = z.object({
  nftables: z.array(z.looseObject({ map: z.looseObject({ elem: z.array(element).default([]) }).optional() })),
});

/** The connections in a table, from what `nft -j` says. */
export const connectionsIn = (json: string): readonly ServiceConnection[] =>
  listed
    .parse(JSON.parse(json))
    .nftables.flatMap(({ map }) => map?.elem ?? [])
    .map(([{ concat: asked }, { concat: answered }]) =>
      serviceConnection.parse({
        protocol: asked[0],
        port: asked[1],
        service: { ip: asked[2], port: asked[3] },
        endpoint: { ip: answered[0], port: answered[1] },
      }),
    );

/** Empty where there is no such table. */
export const connectionsOf = async (kind: TableKind, ip: string): Promise<readonly ServiceConnection[]> => {
  const json = await run(['nft', '-j', 'list', 'map', 'ip', tableOf(kind, ip), mapName], limit).catch(() => undefined);
  return json === undefined ? [] : connectionsIn(json);
};

/** Names of the connections that processes of a pod have open. @param pid one of them */
export const openConnections = async (pid: number): Promise<ReadonlySet<string>> =>
  namesIn(await run(inNetwork(pid, listing), limit));

/** It reads only from a pipe, and not from the socket that a child gets here (it never sees the end). */
export const forget = async (ip: string, connections: readonly ServiceConnection[]): Promise<void> => {
  if (connections.length === 0) return;
  const input = `${forgettingOrders(ip, connections).join('\n')}\n`;
  await run(['sh', '-c', 'cat | conntrack --load-file -'], { ...limit, input });
};

export const removeTables = async (kinds: readonly TableKind[], ip: string): Promise<void> => {
  await run(['nft', '-f', '-'], { ...limit, input: removal(kinds, ip) });
};

/**
 * Lets the kernel forget about the connections of the first of these tables, and then removes them all. As long as that
 * is there, nothing is learned anew.
 */
export const removeWithTraces = async (kinds: readonly [TableKind, ...TableKind[]], ip: string): Promise<void> => {
  try {
    await forget(ip, await connectionsOf(kinds[0], ip));
  } finally {
    await removeTables(kinds, ip);
  }
};

export const allTables = async (): Promise<readonly FoundTable[]> =>
  tablesIn(await run(['nft', 'list', 'tables', 'ip'], limit));

/** Transship leaves the node. Connections that are at work the kernel knows by itself. */
export const removeAllTables = async (): Promise<void> => {
  for (const { kind, ip } of await allTables()) await removeTables([kind], ip);
  await run(['nft', '-f', '-'], { ...limit, input: clientRemoval });
};
