import type { IPLease } from '../../api/addresses.ts';
import { type IpBatch, openIpBatch } from './ip-batch.ts';
import { currentRoutes, ensureRule, hopTowards } from './kernel-routes.ts';
import type { KeeperOptions } from './keeper-options.ts';
import { landmarkOf } from './landmark.ts';
import { type NextHop, removeRouteCommand, type Route, routeChanges, routeCommand, wantedRoutes } from './routes.ts';

/**
 * Keeps the node's table of moved addresses as the leases say, and lets a move
 * that is under way here point its one address elsewhere for a while.
 */
export interface RouteKeeper {
  /** The leases have changed: sets the routes that follow from them. Asks the kernel nothing that it has told before. */
  refresh(): void;
  /** The nodes have changed, or time has passed: asks the kernel again for everything, and sets right what is not. */
  inspect(): void;
  /** How packets get to a node. Asks the kernel, so it belongs before a freeze. */
  hopTo(node: string): Promise<NextHop>;
  /** Resolves when the kernel has the route. It holds until `release`, whatever the leases say. */
  override(route: Route): Promise<void>;
  /** Lets the leases decide again about this address; resolves when the kernel has their route. */
  release(ip: string): Promise<void>;
  /** The move has committed: the override goes as soon as the lease says the same, so that no packet is led astray in between. */
  follow(ip: string, node: string): void;
  /** Carries out other commands of `ip` through the process that is always ready. */
  apply(...commands: readonly string[]): Promise<void>;
  close(): void;
}

class Keeper implements RouteKeeper {
  readonly #options: KeeperOptions;
  readonly #overrides = new Map<string, Route>();
  /** Address → node: overrides that wait for their lease to catch up. */
  readonly #followed = new Map<string, string>();
  /** The kernel's table as it is after our own changes; undefined when it has to be read. */
  #known: Map<string, string> | undefined;
  readonly #hops = new Map<string, NextHop>();
  #batch: IpBatch = openIpBatch();
  /** Reconciliations run one after the other: two that looked at the same table would both change it. */
  #last: Promise<void> = Promise.resolve();
  #waiting = false;
  #closed = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  inspect(): void {
    this.#known = undefined;
    this.#hops.clear();
    this.refresh();
  }

  refresh(): void {
    if (this.#closed || this.#waiting) return;
    this.#waiting = true;
    this.#inTurn().catch((error: unknown) => {
      this.#options.log.warn({ error }, 'Could not set the routes of moved addresses');
    });
  }

  async override(route: Route): Promise<void> {
    this.#followed.delete(route.ip);
    this.#overrides.set(route.ip, route);
    await this.#set(routeCommand(route), route.ip);
  }

  async release(ip: string): Promise<void> {
    this.#overrides.delete(ip);
    await this.#inTurn();
  }

  async apply(...commands: readonly string[]): Promise<void> {
    if (commands.length === 0) return;
    try {
      await this.#batch.apply(...commands);
    } catch (error) {
      this.#batch.close();
      this.#batch = openIpBatch();
      throw error;
    }
  }

  close(): void {
    this.#closed = true;
    this.#batch.close();
  }

  follow(ip: string, node: string): void {
    this.#followed.set(ip, node);
    this.refresh();
  }

  #inTurn(): Promise<void> {
    const run = async (): Promise<void> => {
      this.#waiting = false;
      if (!this.#closed) await this.#reconcile();
    };
    const mine = this.#last.then(run, run);
    this.#last = mine.catch(() => undefined); // whoever asked for it is told
    return mine;
  }

  async hopTo(name: string): Promise<NextHop> {
    const known = this.#hops.get(name);
    if (known) return known;
    const node = this.#options.nodes.get({ name });
    const landmark = node && landmarkOf(node);
    const hop = landmark && (await hopTowards(landmark));
    if (!hop) throw new Error(`The kernel has no route to node ${name}${landmark ? ` (${landmark})` : ''}`);
    this.#hops.set(name, hop);
    return hop;
  }

  /** Carries out one change of the table, and remembers what the kernel has then. */
  async #set(command: string, ip: string): Promise<void> {
    try {
      await this.apply(command);
    } catch (error) {
      this.#known = undefined;
      throw error;
    }
    if (command === removeRouteCommand(ip)) this.#known?.delete(ip);
    else this.#known?.set(ip, command);
  }

  #letGo(leases: readonly IPLease[]): void {
    for (const { spec } of leases) {
      if (this.#followed.get(spec.ip) !== spec.nodeName) continue;
      this.#followed.delete(spec.ip);
      this.#overrides.delete(spec.ip);
    }
  }

  async #reconcile(): Promise<void> {
    if (!this.#known) {
      await ensureRule();
      this.#known = new Map(await currentRoutes());
    }
    const { leases, here } = this.#options;
    const all = leases.items();
    this.#letGo(all);
    for (const name of new Set(all.map((l) => l.spec.nodeName))) {
      if (name !== here) await this.hopTo(name).catch(() => undefined); // a node that is gone: no route rather than a wrong one
    }
    const wanted = wantedRoutes(all, here, this.#hops, this.#overrides);
    for (const { ip, command } of routeChanges(this.#known, wanted)) await this.#set(command, ip);
  }
}

export const keepRoutes = (options: KeeperOptions): RouteKeeper => new Keeper(options);
