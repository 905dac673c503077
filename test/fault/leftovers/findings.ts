import { BlockList } from 'node:net';
import { controlPlane, network } from '../../../lab/cluster.ts';

const isWithin = (ip: string, cidr: string): boolean => {
  const [first = '', prefix = ''] = cidr.split('/');
  const range = new BlockList();
  range.addSubnet(first, Number(prefix));
  return range.check(ip);
};

/**
 * Addresses of the pool are leased, and those with which a pod has left the node whose they are. A pod that was started
 * anew while no agent was there has an ordinary address of its node, without a lease.
 *
 * @param podCIDR the range of the node on which the pod is.
 */
export const isLeased = (ip: string, podCIDR: string): boolean =>
  isWithin(ip, network.movableCidr) || !isWithin(ip, podCIDR);

/** What the probe found on one node. */
export interface NodeFindings {
  readonly node: string;
  /** Entries of Transship's folders, as `folder/entry`. */
  readonly state: readonly string[];
  /** Routes of Transship's table, as `ip route` prints them. */
  readonly routes: readonly string[];
  /** All that no finished move leaves, whoever made it. */
  readonly wrong: readonly string[];
}

export const readFindings = (node: string, output: string): NodeFindings => {
  const lines = output.split('\n').filter(Boolean);
  const of = (kind: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${kind} `)).map((line) => line.slice(kind.length + 1).trim());
  return {
    node,
    state: of('state'),
    routes: of('route'),
    wrong: lines.filter((line) => !line.startsWith('state ') && !line.startsWith('route ')),
  };
};

/** The pod that is left when a move is over, and its address. */
export interface Survivor {
  readonly node: string;
  readonly ip: string;
  /** Does its address belong to it, and not to its node? */
  readonly isLeased: boolean;
  readonly containers: readonly string[];
}

export interface Leftovers {
  /** What must be gone by now. */
  readonly now: readonly string[];
  /** What may stay until the node or the controller sweeps, and must be gone then. */
  readonly lingering: readonly string[];
}

/** Images are the memory of a program, and none may stay for a moment longer than it is needed. */
const isUrgent = (entry: string): boolean => entry.startsWith('images/');

/** `restored/ID` and `criu/ID.conf` belong to a container that was restored, for as long as it lives. */
const belongsTo = (entry: string, { containers }: Survivor): boolean =>
  containers.some((id) => entry === `restored/${id}` || entry === `criu/${id}.conf`);

const stateOf = ({ node, state }: NodeFindings, survivor: Survivor): readonly string[] =>
  state.filter((entry) => node !== survivor.node || !belongsTo(entry, survivor));

const addressOf = (route: string): string => route.split(' ')[0] ?? '';

/** Every node leads to the pod over the node on which it is, and that node over no other. */
const routeFaults = (
  { node, routes }: NodeFindings,
  survivor: Survivor,
  addresses: ReadonlyMap<string, string>,
): readonly string[] => {
  const mine = routes.filter((route) => addressOf(route) === survivor.ip);
  if (!survivor.isLeased) return mine.map((route) => `route ${route}`);
  if (node === survivor.node) return mine.map((route) => `route ${route}`);
  const gateway = addresses.get(survivor.node) ?? '';
  const [route] = mine;
  if (route?.includes(` via ${gateway} `)) return [];
  return [route ? `route ${route}` : `no route to ${survivor.ip} over ${survivor.node}`];
};

/** A kubelet that was restarted removes the sandboxes of pods that are gone once a minute (kuberuntime_gc.go). */
const isForTheKubelet = (what: string): boolean => what.startsWith('link ');

/** All that the collector sends goes through this node. */
const viewpoint = controlPlane.name;

export interface Judged {
  /** The nodes of the lane; of the others only the way to the pod is the lane's. */
  readonly pair: readonly string[];
  readonly survivor: Survivor;
  /** Node → its address. */
  readonly addresses: ReadonlyMap<string, string>;
}

/** What a move has left on the nodes, each with the name of its node. */
export const leftoversOf = (findings: readonly NodeFindings[], { pair, survivor, addresses }: Judged): Leftovers => {
  const now: string[] = [];
  const lingering: string[] = [];
  for (const found of findings) {
    const named = (what: readonly string[]) => what.map((each) => `${found.node}: ${each}`);
    // What has just happened to a node of the other lane may keep its agent from seeing for a while where the pod is.
    const isOurs = pair.includes(found.node) || found.node === viewpoint;
    (isOurs ? now : lingering).push(...named(routeFaults(found, survivor, addresses)));
    if (!pair.includes(found.node)) continue;
    now.push(...named(found.wrong.filter((what) => !isForTheKubelet(what))));
    lingering.push(...named(found.wrong.filter(isForTheKubelet)));
    const state = stateOf(found, survivor);
    now.push(...named(state.filter(isUrgent)));
    lingering.push(...named(state.filter((entry) => !isUrgent(entry))));
  }
  return { now, lingering };
};
