import { z } from 'zod';
import { run } from '../host/command.ts';
import { type NextHop, type Route, routeCommand, routingTable, rulePriority } from './routes.ts';

const routeJson = z.array(
  z.object({
    dst: z.string(),
    gateway: z.string().optional(),
    dev: z.string().optional(),
    flags: z.array(z.string()).optional(),
    prefsrc: z.string().optional(),
  }),
);

const ask = async (args: readonly string[]): Promise<z.infer<typeof routeJson>> => {
  const text = await run(['ip', '-j', ...args]);
  return routeJson.parse(text.trim() === '' ? [] : JSON.parse(text));
};

/** Our table as it is, each address with the command that would make its route again. */
export const currentRoutes = async (): Promise<ReadonlyMap<string, string>> => {
  const rows = await ask(['route', 'show', 'table', String(routingTable)]).catch(() => []); // the table does not exist before its first route
  const routes = new Map<string, string>();
  for (const row of rows) {
    if (!row.dev) continue;
    const route: Route = row.gateway
      ? { ip: row.dst, to: { gateway: row.gateway, device: row.dev, onlink: row.flags?.includes('onlink') ?? false } }
      : { ip: row.dst, toPod: { device: row.dev } };
    routes.set(row.dst, routeCommand(route));
  }
  return routes;
};

/** The kernel's own route towards an address, as a next hop to copy. */
export const hopTowards = async (ip: string): Promise<NextHop | undefined> => {
  const [row] = await ask(['route', 'show', 'match', ip, 'table', 'main']).then((rows) => rows.slice(-1));
  if (!row?.dev) return undefined;
  return { gateway: row.gateway, device: row.dev, onlink: row.flags?.includes('onlink') ?? false };
};

/** The address of this node with which it turns to another one. */
export const sourceTowards = async (ip: string): Promise<string | undefined> =>
  (await ask(['route', 'get', ip]))[0]?.prefsrc;

/** Lets the kernel look into our table before `main`; does nothing when it already does. */
export const ensureRule = async (): Promise<void> => {
  const rules = await run(['ip', 'rule', 'show', 'pref', String(rulePriority)]);
  if (!rules.includes(String(routingTable)))
    await run(['ip', 'rule', 'add', 'pref', String(rulePriority), 'lookup', String(routingTable)]);
};

export const removeRule = async (): Promise<void> => {
  await run(['ip', 'route', 'flush', 'table', String(routingTable)]).catch(() => undefined); // an empty table is an error to ip
  const rule = ['pref', String(rulePriority), 'lookup', String(routingTable)];
  await run(['ip', 'rule', 'del', ...rule]).catch(() => undefined); // was not there
};
