import type { IPLease } from '../../api/addresses.ts';

/** Our routes live in a table of their own, looked up before `main` by one rule. */
export const routingTable = 1077;
export const rulePriority = 100;

/** How to reach a node: copied from the kernel's own route to it, so that host-gw and VXLAN networks work alike. */
export interface NextHop {
  readonly gateway?: string | undefined;
  readonly device: string;
  readonly onlink: boolean;
}

/** Where packets for one address go: to another node, or to a pod behind a device of this one. */
export type Route =
  { readonly ip: string; readonly to: NextHop } | { readonly ip: string; readonly toPod: { readonly device: string } };

export const routeCommand = (route: Route): string => {
  if ('toPod' in route) return `route replace ${route.ip}/32 dev ${route.toPod.device} table ${routingTable}`;
  const { gateway, device, onlink } = route.to;
  return `route replace ${route.ip}/32 ${gateway ? `via ${gateway} ` : ''}dev ${device}${onlink ? ' onlink' : ''} table ${routingTable}`;
};

export const removeRouteCommand = (ip: string): string => `route del ${ip}/32 table ${routingTable}`;

/**
 * The routes that a node should have: one for each leased address that lives on
 * another node. An address that lives here needs none: the CNI plugin has put
 * its route into `main`.
 *
 * @param overrides routes of moves that are under way here; they hold until the move has let go of them.
 */
export const wantedRoutes = (
  leases: readonly IPLease[],
  here: string,
  hops: ReadonlyMap<string, NextHop>,
  overrides: ReadonlyMap<string, Route>,
): ReadonlyMap<string, Route> => {
  const wanted = new Map<string, Route>();
  for (const { spec } of leases) {
    const to = hops.get(spec.nodeName);
    if (spec.nodeName !== here && to) wanted.set(spec.ip, { ip: spec.ip, to });
  }
  for (const [ip, route] of overrides) wanted.set(ip, route);
  return wanted;
};

export interface RouteChange {
  readonly ip: string;
  readonly command: string;
}

/** The commands that lead from what is to what should be. Routes that are right are left alone. */
export const routeChanges = (
  current: ReadonlyMap<string, string>,
  wanted: ReadonlyMap<string, Route>,
): readonly RouteChange[] => {
  const changes: RouteChange[] = [];
  for (const [ip, route] of wanted) {
    const command = routeCommand(route);
    if (current.get(ip) !== command) changes.push({ ip, command });
  }
  for (const ip of current.keys()) if (!wanted.has(ip)) changes.push({ ip, command: removeRouteCommand(ip) });
  return changes;
};
