import type { Clock } from '../clock/clock.ts';
import { createAnnouncing } from '../events/announcing.ts';
import type { Sink } from '../events/sink.ts';
import type { FailPoints } from '../failpoint/fail-points.ts';
import type { Key, KubeApi } from '../kube/api.ts';
import type { Random } from '../kube/backoff.ts';
import type { EventRecorder } from '../kube/events.ts';
import { KeyedQueue, type Reconcile } from '../kube/queue.ts';
import type { Log } from '../log/log.ts';
import type { Tracer } from '../trace/tracer.ts';
import { watchAddresses } from './address-watch.ts';
import { type Caches, cachesSynced } from './caches.ts';
import { Certificates } from './certificates/certificates.ts';
import { EmptyingReconciler } from './emptying/reconcile.ts';
import { nodesInQuestion, triggerEmptying } from './emptying/triggers.ts';
import { responding } from './eviction-request/reconcile.ts';
import { podsInQuestion, triggerResponses } from './eviction-request/triggers.ts';
import type { EvictionWatch } from './eviction-request/watch.ts';
import { findingsFrom } from './findings.ts';
import { type CarryOut, createHookRunner, type HookRunner } from './hooks/runner.ts';
import { OwnWrites } from './moves/own-writes.ts';
import { PhaseWatch } from './moves/phase-watch.ts';
import { PresentLine } from './moves/present-line.ts';
import { MoveReconciler } from './moves/reconcile.ts';
import { liveMoves, triggerMoves } from './moves/triggers.ts';
import { policiesFrom } from './policies/choice.ts';
import { allPolicies, reachOfPolicies, triggerReach } from './policies/reach.ts';
import { reconcilingPools } from './pools/reconcile.ts';
import { serviceRangesFrom } from './pools/service-ranges.ts';
import { allPools, triggerPools } from './pools/triggers.ts';
import { surroundingsFrom } from './surroundings.ts';
import { Sweeper } from './sweeper.ts';

export interface LeadingPorts {
  readonly api: KubeApi;
  readonly caches: Caches;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly tracer: Tracer;
  readonly log: Log;
  readonly points: FailPoints;
  /** Does what hooks ask for. */
  readonly carryOut: CarryOut;
  /** Where every step of every move is told. */
  readonly sinks: readonly Sink[];
  /** Undefined where eviction requests are not responded to. */
  readonly evictions?: EvictionWatch | undefined;
}

const workers = 8;
/** Nodes at once: an eviction may take as long as the slowest webhook. */
const emptyingWorkers = 4;
const resyncMs = 60_000;

interface Work {
  readonly queue: KeyedQueue;
  /** All that may have to be looked at. */
  readonly all: (caches: Caches) => readonly Key[];
}

const resync = async ({ caches, clock }: LeadingPorts, { queue, all }: Work, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    for (const key of all(caches)) queue.add(key);
    await clock.sleep(resyncMs, signal).catch(() => undefined);
  }
};

const working = async (ports: LeadingPorts, work: Work, signal: AbortSignal): Promise<void> => {
  await cachesSynced(ports.caches, signal);
  await Promise.all([work.queue.run(signal), resync(ports, work, signal)]);
};

const sweeping = async ({ api, caches, clock, log }: LeadingPorts, signal: AbortSignal): Promise<void> => {
  await cachesSynced(caches, signal);
  await new Sweeper({ api, remains: caches, clock, log }).run(signal);
};

const watchingAddresses = async ({ caches, events, clock }: LeadingPorts, signal: AbortSignal): Promise<void> => {
  await cachesSynced(caches, signal);
  await watchAddresses({ ...caches, events, clock }, signal);
};

/** Reconcilers work for whoever leads; their triggers are connected once, for the life of the process. */
export interface Leading {
  /** What the leader does, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

const movesOf = (ports: LeadingPorts, hooks: HookRunner): Reconcile => {
  const { api, caches, events, clock, tracer, log, points } = ports;
  const [policyOf, ownWrites] = [policiesFrom(caches), new OwnWrites()];
  const { migrations, migrationsAbout, migrationNodes, nodes, pods } = caches;
  const reconciler = new MoveReconciler({
    ...{
      api,
      events,
      clock,
      tracer,
      log,
      points,
      migrations,
      migrationsAbout,
      migrationNodes,
      nodes,
      pods,
      policyOf,
      ownWrites,
      hooks,
    },
    line: new PresentLine({ migrations, pods, policyOf, ownWrites, clock }),
    surroundingsOf: surroundingsFrom(caches),
    phaseWatch: new PhaseWatch(clock),
  });
  return (key, stop) => reconciler.reconcile(key, stop);
};

const emptyingOf = ({ api, caches, events, clock, tracer, log }: LeadingPorts): Reconcile => {
  const policyOf = policiesFrom(caches);
  const findingsOf = findingsFrom({ ...caches, policyOf, clock });
  const reconciler = new EmptyingReconciler({ ...caches, api, events, clock, tracer, log, policyOf, findingsOf });
  return (key, stop) => reconciler.reconcile(key, stop);
};

const poolsOf = ({ api, caches, events, clock, log }: LeadingPorts): Reconcile =>
  reconcilingPools({ ...caches, api, events, clock, log, serviceRanges: serviceRangesFrom(api, clock) });

interface Responses {
  /** Responds to eviction requests, where the API server serves them, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

const responsesOf = (ports: LeadingPorts): Responses | undefined => {
  const { api, caches, clock, random, tracer, log, evictions: watch } = ports;
  if (!watch) return undefined;
  const { evictions } = watch;
  const reconcile = responding({ ...caches, evictions, api, clock, tracer, log, policyOf: policiesFrom(caches) });
  let queue: KeyedQueue | undefined;
  triggerResponses({ ...caches, evictions }, (key) => queue?.add(key));
  return {
    run: async (signal) => {
      if (!(await watch.ready(signal))) return;
      queue = new KeyedQueue({ clock, random, log, workers: 1, reconcile });
      try {
        await working(ports, { queue, all: () => podsInQuestion({ ...caches, evictions }) }, signal);
      } finally {
        queue = undefined;
      }
    },
  };
};

export const createLeading = (ports: LeadingPorts): Leading => {
  const { api, caches, events, clock, random, log } = ports;
  let moves: KeyedQueue | undefined;
  let emptying: KeyedQueue | undefined;
  let reach: KeyedQueue | undefined;
  let pools: KeyedQueue | undefined;
  triggerMoves(caches, (key) => moves?.add(key));
  triggerEmptying(caches, (key) => emptying?.add(key));
  triggerReach(caches, (key) => reach?.add(key));
  triggerPools(caches, () => pools);
  const responses = responsesOf(ports);
  const { migrations } = caches;
  const announcing = createAnnouncing({ ...{ api, migrations, events, clock, random, log }, sinks: ports.sinks });
  const announce = async (signal: AbortSignal): Promise<void> => {
    await cachesSynced(caches, signal);
    await announcing.run(signal);
  };
  return {
    run: async (signal) => {
      using hooks = createHookRunner({ carryOut: ports.carryOut, onEnd: (key) => moves?.add(key), clock, log });
      moves = new KeyedQueue({ clock, random, log, workers, reconcile: movesOf(ports, hooks) });
      emptying = new KeyedQueue({ clock, random, log, workers: emptyingWorkers, reconcile: emptyingOf(ports) });
      reach = new KeyedQueue({ clock, random, log, workers: 1, reconcile: reachOfPolicies(caches, events) });
      pools = new KeyedQueue({ clock, random, log, workers: 1, reconcile: poolsOf(ports) });
      const certificates = new Certificates({ api, nodes: caches.nodes, clock, random, log });
      try {
        await Promise.all([
          certificates.run(signal),
          working(ports, { queue: moves, all: liveMoves }, signal),
          working(ports, { queue: emptying, all: nodesInQuestion }, signal),
          working(ports, { queue: reach, all: allPolicies }, signal),
          working(ports, { queue: pools, all: allPools }, signal),
          sweeping(ports, signal),
          watchingAddresses(ports, signal),
          responses?.run(signal),
          announce(signal),
        ]);
      } finally {
        moves = undefined;
        emptying = undefined;
        reach = undefined;
        pools = undefined;
      }
    },
  };
};
