import type { Clock } from '../clock/clock.ts';
import type { KubeApi } from '../kube/api.ts';
import type { Random } from '../kube/backoff.ts';
import type { EventRecorder } from '../kube/events.ts';
import { KeyedQueue } from '../kube/queue.ts';
import type { Log } from '../log/log.ts';
import { type Caches, cachesSynced, policyFrom } from './caches.ts';
import { Certificates } from './certificates/certificates.ts';
import { OwnWrites } from './moves/own-writes.ts';
import { MoveReconciler } from './moves/reconcile.ts';
import { liveMoves, triggerMoves } from './moves/triggers.ts';
import { Sweeper } from './sweeper.ts';

export interface LeadingPorts {
  readonly api: KubeApi;
  readonly caches: Caches;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const workers = 8;
const resyncMs = 60_000;

const resync = async (ports: LeadingPorts, queue: KeyedQueue, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    for (const key of liveMoves(ports.caches)) queue.add(key);
    await ports.clock.sleep(resyncMs, signal).catch(() => undefined);
  }
};

const moves = async (ports: LeadingPorts, queue: KeyedQueue, signal: AbortSignal): Promise<void> => {
  await cachesSynced(ports.caches, signal);
  await Promise.all([queue.run(signal), resync(ports, queue, signal)]);
};

const sweeping = async ({ api, caches, clock, log }: LeadingPorts, signal: AbortSignal): Promise<void> => {
  await cachesSynced(caches, signal);
  await new Sweeper({ api, remains: caches, clock, log }).run(signal);
};

/** A move's reconciler works for whoever leads; its triggers are connected once, for the life of the process. */
export interface Leading {
  /** What the leader does, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export const createLeading = (ports: LeadingPorts): Leading => {
  const { api, caches, events, clock, random, log } = ports;
  let queue: KeyedQueue | undefined;
  triggerMoves(caches, (key) => {
    queue?.add(key);
  });
  return {
    run: async (signal) => {
      const reconciler = new MoveReconciler({
        ...{ api, events, clock, log },
        migrations: caches.migrations,
        migrationNodes: caches.migrationNodes,
        nodes: caches.nodes,
        policy: () => policyFrom(caches.policies),
        ownWrites: new OwnWrites(),
      });
      const mine = new KeyedQueue({
        clock,
        random,
        log,
        workers,
        reconcile: (key, stop) => reconciler.reconcile(key, stop),
      });
      queue = mine;
      const certificates = new Certificates({ api, nodes: caches.nodes, clock, random, log });
      try {
        await Promise.all([certificates.run(signal), moves(ports, mine, signal), sweeping(ports, signal)]);
      } finally {
        queue = undefined;
      }
    },
  };
};
