import type { Reason } from '../api/reasons.ts';
import { type Clock, microTimestamp } from '../clock/clock.ts';
import type { Log } from '../log/log.ts';
import type { KubeApi } from './api.ts';
import { events } from './builtin-resources.ts';

export interface Regarding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly uid: string;
}

export interface EventRecorder {
  /** Tells the object's user. Returns at once and never throws: an event is a courtesy, the status is the record. */
  record(regarding: Regarding, type: 'Normal' | 'Warning', reason: Reason, note: string): void;
  /** Resolves when everything recorded so far has been sent or given up. */
  flush(): Promise<void>;
}

export interface EventRecorderOptions {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly log: Log;
  /** For example `transship.dev/controller`. */
  readonly controller: string;
  /** This process; usually the name of its pod. */
  readonly instance: string;
}

/** The API server's limit for `note` is 1 kB. */
const longestNote = 1024;

/** The same thing said again within this time is counted, not repeated. It is less than the hour that events are kept. */
const seriesMs = 10 * 60_000;
const mostSeries = 1000;
const mostPending = 200;

interface Series {
  readonly since: number;
  readonly name: string;
  readonly namespace: string;
  count: number;
}

const shortened = (note: string): string => {
  const bytes = Buffer.from(note);
  if (bytes.length <= longestNote) return note;
  // A cut inside a character decodes to U+FFFD; the dots take its place.
  return `${bytes
    .subarray(0, longestNote - 3)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')}…`;
};

const isPowerOfTwo = (count: number): boolean => (count & (count - 1)) === 0;

class Recorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #series = new Map<string, Series>();
  #pending = 0;
  #chain: Promise<void> = Promise.resolve();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(regarding: Regarding, type: 'Normal' | 'Warning', reason: Reason, note: string): void {
    if (this.#pending >= mostPending) return;
    const text = shortened(note);
    const id = [regarding.uid, type, reason, text].join('\n');
    const known = this.#series.get(id);
    const now = this.#options.clock.now();
    if (known && now - known.since < seriesMs) {
      known.count += 1;
      if (isPowerOfTwo(known.count)) this.#enqueue(() => this.#repeat(known, known.count));
      return;
    }
    const namespace = regarding.namespace ?? 'default';
    const series: Series = { since: now, name: nameOf(regarding, now, this.#series.size, reason), namespace, count: 1 };
    this.#remember(id, series);
    this.#enqueue(() => this.#create(series, { regarding, type, reason, note: text }));
  }

  async flush(): Promise<void> {
    await this.#chain;
  }

  #remember(id: string, series: Series): void {
    this.#series.delete(id);
    this.#series.set(id, series);
    const oldest = this.#series.keys().next();
    if (this.#series.size > mostSeries && !oldest.done) this.#series.delete(oldest.value);
  }

  #enqueue(send: () => Promise<void>): void {
    this.#pending += 1;
    this.#chain = this.#chain.then(async () => {
      try {
        await send();
      } catch (error) {
        this.#options.log.warn({ error }, 'Failed to record event');
      } finally {
        this.#pending -= 1;
      }
    });
  }

  async #create(
    series: Series,
    said: { regarding: Regarding; type: string; reason: Reason; note: string },
  ): Promise<void> {
    const { api, controller, instance } = this.#options;
    await api.create(events, series.namespace, {
      metadata: { name: series.name, namespace: series.namespace },
      eventTime: microTimestamp(series.since),
      reportingController: controller,
      reportingInstance: instance.slice(0, 128),
      action: 'Migrate',
      ...said,
    });
  }

  async #repeat(series: Series, count: number): Promise<void> {
    const { api, clock } = this.#options;
    const patch = { series: { count, lastObservedTime: microTimestamp(clock.now()) } };
    await api.patch(events, { namespace: series.namespace, name: series.name }, patch);
  }
}

/** As client-go names them, with the reason so that two of the same instant do not collide. */
const nameOf = (regarding: Regarding, now: number, serial: number, reason: Reason): string =>
  `${regarding.name.slice(0, 180).replace(/[-.]+$/, '')}.${now.toString(16)}${serial.toString(16)}${reason.toLowerCase().slice(0, 40)}`;

/** Events of events.k8s.io/v1, as `kubectl describe` and `kubectl events` show them. */
export const createEventRecorder = (options: EventRecorderOptions): EventRecorder => new Recorder(options);
