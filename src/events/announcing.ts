import type { Migration } from '../api/migration.ts';
import type { Clock } from '../clock/clock.ts';
import type { KubeApi } from '../kube/api.ts';
import type { Random } from '../kube/backoff.ts';
import type { EventRecorder } from '../kube/events.ts';
import { keyOf, type Lookup } from '../kube/lookup.ts';
import { KeyedQueue } from '../kube/queue.ts';
import type { ChangeListener } from '../kube/reflector.ts';
import type { Log } from '../log/log.ts';
import { Announcer } from './announcer.ts';
import { StepTeller } from './kubernetes-events.ts';
import type { Sink } from './sink.ts';

export interface AnnouncingPorts {
  readonly api: Pick<KubeApi, 'patch'>;
  readonly migrations: Lookup<Migration> & { onChange(listener: ChangeListener<Migration>): void };
  readonly sinks: readonly Sink[];
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface Announcing {
  /** Tells others of every step of every move, until the signal aborts. The cache of Migrations is filled by then. */
  run(signal: AbortSignal): Promise<void>;
}

/** Moves at once, of each sink: one that is slow keeps no other sink, and not all of its own moves. */
const workers = 4;

interface Line {
  readonly announcer: Announcer;
  readonly queue: KeyedQueue;
}

const lineTo = (sink: Sink, { api, clock, random, log }: AnnouncingPorts): Line => {
  const announcer = new Announcer(sink, { api, clock, log });
  const reconcile: ConstructorParameters<typeof KeyedQueue>[0]['reconcile'] = (key, stop) =>
    announcer.announce(key, stop);
  return {
    announcer,
    queue: new KeyedQueue({ clock, random, log: log.child({ sink: sink.name }), workers, reconcile }),
  };
};

export const createAnnouncing = (ports: AnnouncingPorts): Announcing => {
  const { migrations, sinks, events } = ports;
  let lines: readonly Line[] = [];
  let teller: StepTeller | undefined;
  migrations.onChange((key, migration) => {
    teller?.hear(key, migration);
    for (const { announcer, queue } of lines) {
      announcer.hear(key, migration);
      queue.add(key);
    }
  });
  return {
    run: async (signal) => {
      const known = migrations.items().map((migration) => ({ key: keyOf(migration), migration }));
      teller = new StepTeller(events);
      teller.begin(known);
      lines = sinks.map((sink) => lineTo(sink, ports));
      for (const { announcer, queue } of lines)
        for (const { key, migration } of known) {
          announcer.hear(key, migration);
          queue.add(key);
        }
      try {
        await Promise.all(lines.map(({ queue }) => queue.run(signal)));
        if (lines.length === 0)
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      } finally {
        lines = [];
        teller = undefined;
      }
    },
  };
};
