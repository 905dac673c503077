import { traceAnnotations } from '../api/names.ts';
import type { Clock } from '../clock/clock.ts';
import type { Details, TraceEvent } from './event.ts';
import { Outlet } from './outlet.ts';
import { type Actor, processName } from './process-name.ts';
import type { Move } from './record.ts';
import { countOf, hear, merge, noClock, tick, type VectorClock } from './vector-clock.ts';

type Annotations = Readonly<Record<string, string>>;

/** The first event of a move, which goes along with the Migration that is made. */
export interface Beginning {
  /** Nothing where nothing is traced. */
  readonly annotations: Annotations;
  /** It has been made; now it has a UID. */
  made(migration: { readonly metadata: { readonly uid: string } }): void;
}

/** What one actor notes of the moves that it has a part in. Never waits, never throws. */
export interface Tracer {
  /**
   * @param move what the actor has before it while it acts
   * @param label what it does, in the present tense
   * @returns the clock to pass on with what is done; empty where nothing is traced
   */
  note(move: Move, label: string, fields?: Details): VectorClock;
  /** The same for who changes what is asked for: the event goes along with the change, as annotations. */
  mark(move: Move, label: string, fields?: Details): Annotations;
  begin(label: string, fields?: Details): Beginning;
  /** The pod of a move stands still, or does no longer: meanwhile nothing is written out. */
  hold(move: string): void;
  release(move: string): void;
}

const nothing = (): void => undefined;

/** For tests, and for who leaves no trace. */
export const noTracer: Tracer = {
  note: () => noClock,
  mark: () => ({}),
  begin: () => ({ annotations: {}, made: nothing }),
  hold: nothing,
  release: nothing,
};

/** More moves than are under way at once, and than are remembered after their end. */
const mostMoves = 1_000;

const annotationOf = ({ actor, clock, label, time, fields }: TraceEvent): Annotations => ({
  [traceAnnotations + actor.replace('@', '-')]: JSON.stringify({
    actor,
    clock,
    label,
    time,
    ...(fields && { fields }),
  }),
});

export interface TraceOptions {
  /** Tells the runs of all programs apart: eight hexadecimal digits. */
  readonly run: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Takes down an event; it must not wait. */
  readonly write: (event: TraceEvent) => void;
}

/** Of one move what one process knows, under the names that its actors have for it. */
interface Known {
  readonly run: string;
  clock: VectorClock;
}

/**
 * The memory of one process. Its actors have a clock in common, for what one of them does comes after all that the
 * others have done: they take turns in one thread.
 */
export class ProcessTrace {
  readonly #options: TraceOptions;
  readonly #outlet: Outlet;
  readonly #moves = new Map<string, Known>();
  #forgotten = 0;

  constructor(options: TraceOptions) {
    this.#options = options;
    this.#outlet = new Outlet(options.write);
  }

  of(actor: Actor): Tracer {
    const note = (move: Move, label: string, fields?: Details): TraceEvent => {
      const event = this.#happen(actor, move, label, fields);
      this.#outlet.put(event);
      return event;
    };
    return {
      note: (...happening) => note(...happening).clock,
      mark: (...happening) => annotationOf(note(...happening)),
      begin: (label, fields) => this.#begin(actor, label, fields),
      hold: (move) => this.#outlet.hold(move),
      release: (move) => this.#outlet.release(move),
    };
  }

  /** Writes out what waits. */
  close(): void {
    this.#outlet.flush();
  }

  #happen(actor: Actor, move: Move, label: string, fields: Details | undefined): TraceEvent {
    const known = this.#knownOf(move);
    known.clock = hear(known.clock, move.clock, (process) => process.endsWith(`@${known.run}`));
    const process = processName(actor, known.run);
    known.clock = tick(known.clock, process);
    return this.#eventOf(move.uid, process, { clock: known.clock, label, fields });
  }

  #eventOf(migration: string, actor: string, what: Pick<TraceEvent, 'clock' | 'label' | 'fields'>): TraceEvent {
    const time = new Date(this.#options.clock.now()).toISOString();
    const { clock, label, fields } = what;
    return { migration, actor, clock, label, time, ...(fields && { fields }) };
  }

  #begin(actor: Actor, label: string, fields: Details | undefined): Beginning {
    const process = processName(actor, this.#run());
    const event = this.#eventOf('', process, { clock: { [process]: 1 }, label, fields });
    return {
      annotations: annotationOf(event),
      made: ({ metadata: { uid } }) => {
        const known = this.#knownOf({ uid, clock: noClock });
        // Its watch may have been faster than the answer, and something been done about it.
        if (countOf(known.clock, process) === 0) known.clock = merge(known.clock, event.clock);
        this.#outlet.put({ ...event, migration: uid });
      },
    };
  }

  /** What is begun anew about a move that was forgotten would be counted from 1 again, so it goes by another name. */
  #run(): string {
    return this.#forgotten === 0 ? this.#options.run : `${this.#options.run}-${this.#forgotten}`;
  }

  #knownOf({ uid, clock }: Move): Known {
    // What a record says of us at first sight is true: it is how we have begun the move, and had no answer.
    const known = this.#moves.get(uid) ?? { run: this.#run(), clock };
    this.#moves.delete(uid);
    this.#moves.set(uid, known);
    if (this.#moves.size > mostMoves) {
      const [oldest] = this.#moves.keys();
      if (oldest !== undefined) this.#moves.delete(oldest);
      this.#forgotten += 1;
    }
    return known;
  }
}
