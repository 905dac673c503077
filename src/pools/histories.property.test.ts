import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { IPLease, IPPool } from '../api/addresses.ts';
import type { KubeObject } from '../api/metadata.ts';
import type { Node, Pod } from '../api/pod.ts';
import { ipLeases, ipPools, nodes, pods, type Resource } from '../api/resource.ts';
import { FakeClock } from '../clock/fake-clock.ts';
import { Sweeper } from '../controller/sweeper.ts';
import { FakeApi, type Request } from '../kube/fake-api.ts';
import { lookupIn } from '../kube/lookup.ts';
import { silentLog } from '../log/log.ts';
import { podWith } from '../migration/move-fixture.ts';
import { holds, numberOf, spanOf } from './ipv4.ts';
import { poolWith } from './pool-fixture.ts';
import { rangeOf } from './range.ts';
import { answerAddress } from '../agent/address/questions.ts';

/*
 * Agents of three nodes and a controller, each with a memory that may be old,
 * give addresses to pods that come and go, while pools and nodes change, and
 * processes die between any two of their steps.
 */

/** What one process knows; it hears of changes when it is told to. */
interface Memory {
  readonly leases: readonly IPLease[];
  readonly pools: readonly IPPool[];
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
}

type Crash = 'none' | 'before the lease' | 'after the lease' | 'no answer to the pod';

type Event =
  | {
      readonly kind: 'start';
      readonly node: number;
      readonly name: number;
      readonly crash: Crash;
      readonly from: number;
    }
  | { readonly kind: 'again'; readonly which: number; readonly from: number }
  | { readonly kind: 'end'; readonly which: number; readonly removed: boolean }
  | { readonly kind: 'hear'; readonly who: number; readonly what: readonly (keyof Memory)[] }
  | { readonly kind: 'sweep'; readonly seconds: number }
  | { readonly kind: 'resize'; readonly cidr: string }
  | { readonly kind: 'join'; readonly cidr: string };

/** Each kind has a watch of its own. */
const everything: (keyof Memory)[] = ['leases', 'pools', 'nodes', 'pods'];

const networks = ['10.0.0.0/28', '10.0.0.0/29', '10.0.0.8/29', '10.0.0.0/27', '10.0.0.16/28'];
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('start' as const),
      node: fc.nat(2),
      name: fc.nat(5),
      crash: fc.constantFrom<Crash>('none', 'none', 'before the lease', 'after the lease', 'no answer to the pod'),
      from: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('again' as const), which: fc.nat(20), from: fc.constant(0) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat(20), removed: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('hear' as const), who: fc.nat(3), what: fc.subarray(everything) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('sweep' as const), seconds: fc.constantFrom(1, 20, 60) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resize' as const), cidr: fc.constantFrom(...networks) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('join' as const), cidr: fc.constantFrom('10.0.0.24/30', '10.0.0.4/30') }),
  },
);

class World {
  readonly clock = new FakeClock();
  readonly api = new FakeApi(() => this.clock.now());
  /** Who has which address on its interface. */
  readonly held = new Map<string, string>();
  readonly live = new Map<string, Pod>();
  readonly memories: Memory[] = [];
  readonly #sweeper: Sweeper;
  #crash: Crash = 'none';
  #serial = 0;

  constructor() {
    this.api.put(ipPools, poolWith('a', '10.0.0.0/28'));
    this.api.intercept((request) => {
      this.#interfere(request);
    });
    for (let n = 0; n < 4; n += 1) this.hear(n);
    const of = <K extends keyof Memory>(kind: K) => ({
      items: () => this.memories[3]![kind],
      get: (key: { namespace?: string | undefined; name: string }) =>
        lookupIn(this.memories[3]![kind] as readonly KubeObject[]).get(key) as never,
    });
    this.#sweeper = new Sweeper({
      ...{ api: this.api, clock: this.clock, log: silentLog },
      remains: {
        ...{ migrations: lookupIn([]), migrationNodes: lookupIn([]), nodes: of('nodes'), pods: of('pods') },
        leases: of('leases'),
      },
    });
  }

  #interfere({ verb, plural }: Request): void {
    if (verb !== 'create' || plural !== 'ipleases' || this.#crash !== 'before the lease') return;
    this.#crash = 'none';
    throw new Error('connect ECONNREFUSED');
  }

  #all<T extends KubeObject>({ group, plural, schema }: Resource<T>): readonly T[] {
    return [...this.api.store.of(`${group}/${plural}`).values()].map((object) => schema.parse(structuredClone(object)));
  }

  hear(who: number, what = everything): void {
    const now: Memory = {
      leases: this.#all(ipLeases),
      pools: this.#all(ipPools),
      nodes: this.#all(nodes),
      pods: this.#all(pods),
    };
    const heard = Object.entries(now).filter(([kind]) => what.includes(kind as keyof Memory));
    this.memories[who] = { ...(this.memories[who] ?? now), ...(Object.fromEntries(heard) as Partial<Memory>) };
  }

  async #ask(pod: Pod, crash: Crash, from: number): Promise<void> {
    const here = pod.spec.nodeName ?? '';
    const memory = this.memories[Number(here.slice(1))]!;
    const known = new Set(memory.leases.map(({ spec }) => spec.ip));
    this.#crash = crash;
    const answer = await answerAddress(
      {
        ...{ api: this.api, here, random: () => from, log: silentLog },
        leases: lookupIn(memory.leases),
        pools: lookupIn(memory.pools),
        nodes: lookupIn(memory.nodes),
        events: { record: () => undefined, flush: () => Promise.resolve() },
      },
      {
        ...{ kind: 'address', reply: 'r', command: 'ADD', cniVersion: '1.0.0', sandboxID: 's' },
        namespace: 'default',
        podName: pod.metadata.name,
      },
    );
    this.#crash = 'none';
    if (crash === 'after the lease' || crash === 'no answer to the pod') return;
    const ip = /"address":"([\d.]+)\//.exec(answer)?.[1];
    if (ip === undefined) return;
    if (!known.has(ip)) this.#isGivenRightly(ip, memory);
    this.held.set(pod.metadata.uid, ip);
  }

  /** What is new comes out of the pool as its giver knew it, and is no node's. */
  #isGivenRightly(ip: string, memory: Memory): void {
    const [pool] = memory.pools;
    expect(holds(rangeOf(pool!.spec.cidr), numberOf(ip)), `${ip} of ${pool!.spec.cidr}`).toBe(true);
    for (const { spec } of memory.nodes) expect(holds(spanOf(spec?.podCIDR ?? '')!, numberOf(ip))).toBe(false);
  }

  #pod(which: number): Pod | undefined {
    const all = [...this.live.values()];
    return all[which % Math.max(all.length, 1)];
  }

  async #start({ node, name, crash, from }: Extract<Event, { kind: 'start' }>): Promise<void> {
    const podName = `web-${name}`;
    if ([...this.live.values()].some(({ metadata }) => metadata.name === podName)) return;
    this.#serial += 1;
    const uid = `uid-${this.#serial}`;
    const pod = podWith({ metadata: { name: podName, uid }, spec: { nodeName: `n${node}` } });
    this.live.set(uid, this.api.put(pods, pod));
    await this.#ask(pod, crash, from);
  }

  #end({ which, removed }: Extract<Event, { kind: 'end' }>): void {
    const pod = this.#pod(which);
    if (!pod) return;
    this.live.delete(pod.metadata.uid);
    this.held.delete(pod.metadata.uid);
    if (removed) this.api.store.remove('/pods', `default/${pod.metadata.name}`);
    else this.api.put(pods, { ...pod, status: { ...pod.status, phase: 'Succeeded' } });
  }

  async apply(each: Event): Promise<void> {
    switch (each.kind) {
      case 'start':
        return this.#start(each);
      case 'again': {
        const pod = this.#pod(each.which);
        return pod && this.#ask(pod, 'none', each.from);
      }
      case 'end':
        this.#end(each);
        return;
      case 'hear':
        this.hear(each.who, [...each.what]);
        return;
      case 'sweep':
        await this.clock.advance(each.seconds * 1_000);
        return this.#sweeper.sweep(new AbortController().signal);
      case 'resize':
        await this.api.patch(ipPools, { name: 'a' }, { spec: { cidr: each.cidr } });
        return;
      case 'join':
        this.api.put(nodes, { metadata: { name: 'n9', uid: 'n9' }, spec: { podCIDR: each.cidr } });
    }
  }

  /** What holds at any time. */
  check(): void {
    const addresses = [...this.held.values()];
    expect(new Set(addresses).size, `no address is held by two: ${addresses.join(' ')}`).toBe(addresses.length);
    const leases = new Map(this.#all(ipLeases).map(({ spec }) => [spec.ip, spec.podUID]));
    for (const [uid, ip] of this.held) expect(leases.get(ip), `the lease of ${ip}, which ${uid} has`).toBe(uid);
  }
}

it('no address is held by two, none is given outside of its pool, and none is taken from a pod that lives', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 60, size: 'max' }), async (events) => {
      const world = new World();
      for (const each of events) {
        await world.apply(each);
        world.check();
      }
    }),
    { numRuns: 300 },
  );
});

it('every address comes back in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 40, size: 'max' }), async (events) => {
      const world = new World();
      for (const each of events) await world.apply(each);
      while (world.live.size > 0) await world.apply({ kind: 'end', which: 0, removed: true });
      for (let round = 0; round < 3; round += 1) {
        world.hear(3);
        await world.apply({ kind: 'sweep', seconds: 40 });
      }
      expect([...world.api.store.of('transship.dev/ipleases').keys()]).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
