import { setTimeout as sleep } from 'node:timers/promises';
import { network } from '../../../lab/cluster.ts';
import { type Connection, givenUp, type Connections, takeConnections } from './connections.ts';
import { longestGap, Progress } from './gaps.ts';
import { type Fork, Instances, type Tick } from './instances.ts';
import type { SeenSegment, Sighting } from './sighting.ts';
import { startWitness, type Witness } from './witness.ts';

/** Both of TCP and of UDP. */
export const collectorPort = 7078;

const heartbeatLimitMs = 3_000;
const lookMs = 20;

/** What was seen of one lane's program in a window of time. */
export interface Observation {
  readonly forks: readonly Fork[];
  /** The longest time in which the instance that ran at the beginning told nothing. */
  readonly frozenForMs: number;
  /** The longest time in which the client at the other end of its connection got nothing new. */
  readonly longestGapMs: number;
  /** The connections that were open at the beginning were open at the end: the bytes of one are one unbroken story, the other was silent. */
  readonly connectionSurvived: boolean;
  /** Why it did not. */
  readonly connectionEnd: string | undefined;
  /** Instances that were seen first within the window. */
  readonly coldStarts: number;
  /** Frames that nobody saw: with any, all the rest is worth nothing. */
  readonly missed: number;
}

class Lane {
  readonly instances = new Instances();
  readonly forks: Fork[] = [];
  ticks: Tick[] = [];

  see(tick: Tick): void {
    const fork = this.instances.see(tick);
    if (fork) this.forks.push(fork);
    this.ticks.push(tick);
  }
}

export interface Window {
  readonly lane: number;
  readonly from: number;
  readonly secret: string;
  readonly connection: string;
  readonly silent: string;
  readonly missed: number;
}

/** Knows what the programs of all lanes have told, when, and from which node. */
export class Collector {
  readonly #lanes = new Map<number, Lane>();
  readonly #arrivals = new Map<string, number[]>();
  readonly #progress = new Progress();
  readonly #nodes: ReadonlyMap<string, string>;
  #heartbeat = 0;
  #missed = 0;
  #connections!: Connections;
  #witness!: Witness;

  /** @param nodes hardware address → node */
  constructor(nodes: ReadonlyMap<string, string>) {
    this.#nodes = nodes;
  }

  async start(): Promise<void> {
    this.#connections = await takeConnections(network.hostAddress, collectorPort);
    this.#witness = await startWitness(collectorPort, (sighting) => {
      this.see(sighting);
    });
  }

  async close(): Promise<void> {
    await this.#witness.close();
    await this.#connections.close();
  }

  see(sighting: Sighting): void {
    if (sighting.kind === 'missed') {
      this.#heartbeat = sighting.at;
      this.#missed = sighting.frames;
    } else if (sighting.kind === 'segment') this.#seeSegment(sighting);
    else {
      const { at, secret, tick, hardware } = sighting;
      this.#lane(sighting.lane).see({ at, secret, tick, node: this.#nodes.get(hardware) ?? hardware });
    }
  }

  /** The instance that told something last, and where. */
  running(lane: number): Tick | undefined {
    return this.#lane(lane).ticks.at(-1);
  }

  /** What this instance told last. */
  lastOf(lane: number, secret: string): Tick | undefined {
    return this.#lane(lane).ticks.findLast((tick) => tick.secret === secret);
  }

  /** Does the lane's program have both of its connections? */
  isConnected(lane: number): boolean {
    return this.#open(lane, false) !== undefined && this.#open(lane, true) !== undefined;
  }

  /** In words. */
  connectionsOf(lane: number): string {
    const told = this.#connections
      .of(lane)
      .map(
        ({ isSilent, from, end }) => `${isSilent ? 'the silent one' : 'the busy one'} from ${from}: ${end ?? 'open'}`,
      );
    return told.join(', ') || 'none';
  }

  #open(lane: number, silent: boolean): Connection | undefined {
    return this.#connections.of(lane).findLast(({ end, isSilent }) => end === undefined && isSilent === silent);
  }

  /** Why a connection that was open is not as it was; undefined when it is. */
  #endOf(lane: number, from: string): string | undefined {
    const all = this.#connections.of(lane);
    const kept = all.find((each) => each.from === from);
    return kept ? (kept.end ?? kept.told.flaw ?? givenUp(kept, all)) : 'nobody knows it';
  }

  /** Begins a window. The lane's program has to run and to have its connection. */
  open(lane: number): Window {
    const running = this.running(lane);
    const connection = this.#open(lane, false);
    const silent = this.#open(lane, true);
    if (!running || !connection || !silent) throw new Error(`the program of lane ${String(lane)} tells nothing`);
    this.#connections.forgetEnded(lane);
    const { ticks } = this.#lane(lane);
    ticks.splice(0, ticks.length - 1);
    this.#arrivals.get(connection.from)?.splice(0);
    const { secret } = running;
    return { lane, from: Date.now(), secret, connection: connection.from, silent: silent.from, missed: this.#missed };
  }

  /** All that was seen from the beginning of the window until now. */
  async look({ lane, from, secret, connection, silent, missed }: Window): Promise<Observation> {
    const to = Date.now();
    await this.#seenUntil(to);
    const { ticks, forks, instances } = this.#lane(lane);
    const times = ticks.filter((tick) => tick.secret === secret).map(({ at }) => at);
    const silentEnd = this.#endOf(lane, silent);
    const end = this.#endOf(lane, connection) ?? (silentEnd && `of the silent one: ${silentEnd}`);
    return {
      forks: forks.filter(({ at }) => at >= from),
      frozenForMs: longestGap(times, from, Math.min(to, Math.max(from, times.at(-1) ?? from))),
      longestGapMs: longestGap(this.#arrivals.get(connection) ?? [], from, to),
      connectionSurvived: end === undefined,
      connectionEnd: end,
      coldStarts: instances.secrets().filter((each) => each !== secret && instances.since(each) >= from).length,
      missed: this.#missed - missed,
    };
  }

  async #seenUntil(time: number): Promise<void> {
    const deadline = Date.now() + heartbeatLimitMs;
    while (this.#heartbeat < time) {
      if (Date.now() > deadline) throw new Error('the witness has fallen silent');
      await Promise.race([sleep(lookMs), this.#witness.ended]);
    }
  }

  #seeSegment(segment: SeenSegment): void {
    if (!this.#progress.isNew(segment)) return;
    const arrivals = this.#arrivals.get(segment.from);
    if (arrivals) arrivals.push(segment.at);
    else this.#arrivals.set(segment.from, [segment.at]);
  }

  #lane(number: number): Lane {
    const known = this.#lanes.get(number);
    if (known) return known;
    const lane = new Lane();
    this.#lanes.set(number, lane);
    return lane;
  }
}
