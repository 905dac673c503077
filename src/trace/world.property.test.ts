import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FakeClock } from '../clock/fake-clock.ts';
import { assemble } from './assemble.ts';
import { numberOf, type TraceEvent } from './event.ts';
import type { Actor } from './process-name.ts';
import { shivizLog } from './render/shiviz.ts';
import { faultsInLog } from './shiviz-rules.ts';
import { ProcessTrace, type Tracer } from './tracer.ts';
import { compare, noClock, type VectorClock } from './vector-clock.ts';

/*
 * Four actors that write one record, talk to each other over lines that lose, repeat and reorder what is said, are
 * killed with what they have not written out, and come back.
 */

const actors: readonly Actor[] = ['controller', 'webhook', 'agent-n1', 'agent-n2'];
const uid = 'm';

type Step =
  | { readonly do: 'act' | 'write' | 'read' | 'restart' | 'freeze' | 'thaw'; readonly by: number }
  | { readonly do: 'say'; readonly by: number; readonly to: number }
  | { readonly do: 'deliver' | 'repeat' | 'lose'; readonly which: number };

const index = fc.nat({ max: actors.length - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('act', 'write', 'read', 'restart', 'freeze', 'thaw'), by: index }),
  fc.record({ do: fc.constant('say'), by: index, to: index }),
  fc.record({ do: fc.constantFrom('deliver', 'repeat', 'lose'), which: fc.nat({ max: 5 }) }),
);

interface Known {
  readonly clock: VectorClock;
  readonly past: ReadonlySet<string>;
}

interface Running {
  readonly trace: ProcessTrace;
  readonly tracer: Tracer;
  /** What it last read of the record. */
  seen: Known;
  /** What happened in it and what it heard of, as the ground truth: all events before each. */
  past: ReadonlySet<string>;
}

interface Sent extends Known {
  readonly to: number;
}

const unknown: Known = { clock: noClock, past: new Set() };

const live = (steps: readonly Step[]) => {
  const clock = new FakeClock();
  const logged: TraceEvent[] = [];
  const causes = new Map<string, ReadonlySet<string>>();
  let runs = 0;
  const start = (by: number): Running => {
    runs += 1;
    const run = String(runs).padStart(8, '0');
    const trace = new ProcessTrace({ run, clock, write: (event) => logged.push(event) });
    return { trace, tracer: trace.of(actors[by]!), seen: unknown, past: new Set() };
  };
  let record = unknown;
  const running = actors.map((_, by) => start(by));
  const lines: Sent[] = [];
  let count = 0;
  const happen = (by: number, { clock: heard, past }: Known): VectorClock => {
    const process = running[by]!;
    const id = String((count += 1));
    process.past = new Set([...process.past, ...past]);
    causes.set(id, process.past);
    process.past = new Set([...process.past, id]);
    return process.tracer.note({ uid, clock: heard }, id);
  };
  const take: { [K in Step['do']]: (step: Extract<Step, { do: K }>) => void } = {
    act: ({ by }) => void happen(by, running[by]!.seen),
    read: ({ by }) => {
      running[by]!.seen = record;
      happen(by, record);
    },
    write: ({ by }) => {
      const known = happen(by, record);
      record = { clock: known, past: running[by]!.past };
    },
    restart: ({ by }) => void (running[by] = start(by)),
    freeze: ({ by }) => running[by]!.tracer.hold(uid),
    thaw: ({ by }) => running[by]!.trace.close(),
    say: ({ by, to }) => {
      const known = happen(by, unknown);
      lines.push({ to, clock: known, past: running[by]!.past });
    },
    deliver: ({ which }) => {
      const [sent] = lines.splice(which % Math.max(1, lines.length), 1);
      if (sent) happen(sent.to, sent);
    },
    repeat: ({ which }) => {
      const sent = lines[which % Math.max(1, lines.length)];
      if (sent) happen(sent.to, sent);
    },
    lose: ({ which }) => void lines.splice(which % Math.max(1, lines.length), 1),
  };
  for (const each of steps) {
    clock.set(clock.now() + 1);
    (take[each.do] as (step: Step) => void)(each);
  }
  return { logged, causes, record: record.clock, close: () => running.forEach(({ trace }) => trace.close()) };
};

const move = { namespace: 'shop', name: 'web', uid };
const steps = fc.array(step, { maxLength: 60 });

it('one event is before another exactly when it could have had an influence on it', () => {
  fc.assert(
    fc.property(steps, (given) => {
      const { logged, causes, close } = live(given);
      close();
      for (const a of logged)
        for (const b of logged)
          expect(compare(a.clock, b.clock) === 'before').toBe(causes.get(b.label)?.has(a.label) ?? false);
    }),
  );
});

it('each process counts from 1 without a gap, as far as it was written out', () => {
  fc.assert(
    fc.property(steps, (given) => {
      const { logged } = live(given);
      for (const [, events] of Map.groupBy(logged, ({ actor }) => actor))
        expect(events.map(numberOf)).toEqual(events.map((_, position) => position + 1));
    }),
  );
});

it('whatever is lost with a process, the log is one that ShiViz takes, and says what is missing', () => {
  fc.assert(
    fc.property(steps, fc.func(fc.boolean()), (given, isGone) => {
      const { logged, record } = live(given);
      // Of some processes nothing can be read any more.
      const left = logged.filter(({ actor }) => !isGone(actor));
      const trace = assemble(move, left, record);
      expect(trace.doubts).toEqual([]);
      if (trace.events.length > 0) expect(faultsInLog(shivizLog(trace).join('\n'))).toEqual([]);
      expect(trace.events.filter(({ isLost }) => !isLost)).toHaveLength(left.length);
    }),
  );
});

it('it does not matter in which order, or how often, what was logged is read', () => {
  fc.assert(
    fc.property(
      steps.chain((given) => {
        const { logged, record } = live(given);
        const twice = [...logged, ...logged];
        return fc.tuple(fc.constant({ logged, record }), fc.shuffledSubarray(twice, { minLength: twice.length }));
      }),
      ([{ logged, record }, shuffled]) => {
        expect(assemble(move, shuffled, record)).toEqual(assemble(move, logged, record));
      },
    ),
  );
});
