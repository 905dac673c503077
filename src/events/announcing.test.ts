import { beforeEach, describe, expect, it } from 'vitest';
import type { Migration } from '../api/migration.ts';
import type { Phase } from '../api/phase.ts';
import { FakeClock, settle } from '../clock/fake-clock.ts';
import { FakeApi } from '../kube/fake-api.ts';
import { keyOf } from '../kube/lookup.ts';
import type { ChangeListener } from '../kube/reflector.ts';
import { silentLog } from '../log/log.ts';
import { migrationWith, now, source, target } from '../migration/move-fixture.ts';
import { type Announcing, createAnnouncing } from './announcing.ts';
import type { Sink } from './sink.ts';

const isoNow = new Date(now).toISOString();

/** A move that has come through these phases. */
const through = (...phases: Phase[]): Migration =>
  migrationWith({
    ...{ phase: phases.at(-1)!, source, target },
    phaseTransitions: phases.map((phase) => ({ phase, time: isoNow })),
  });

let clock: FakeClock;
let known: Migration[];
let listeners: ChangeListener<Migration>[];
let heard: string[];
let told: string[];
let isDown: boolean;
let announcing: Announcing;

const change = async (migration: Migration): Promise<void> => {
  known = [migration];
  for (const listener of listeners) listener(keyOf(migration), migration);
  await settle();
};

const sinkOf = (name: string, isBad: () => boolean): Sink => ({
  name,
  send: ({ body }) => {
    if (isBad()) return Promise.reject(new Error('down'));
    heard.push(`${name} ${(JSON.parse(body) as { data: { phase: string } }).data.phase}`);
    return Promise.resolve();
  },
});

/** Runs as the one that leads, as long as the work goes on. */
const leading = async (work: () => Promise<void>): Promise<void> => {
  const stop = new AbortController();
  const running = announcing.run(stop.signal);
  await settle();
  await work();
  stop.abort(new Error('stopped'));
  await running;
};

beforeEach(() => {
  clock = new FakeClock(now);
  [known, listeners, heard, told, isDown] = [[], [], [], [], true];
  announcing = createAnnouncing({
    api: new FakeApi(() => clock.now()),
    migrations: {
      get: () => known[0],
      items: () => known,
      onChange: (listener) => listeners.push(listener),
    },
    sinks: [sinkOf('bad', () => isDown), sinkOf('good', () => false)],
    events: { record: ({ kind }, _type, reason) => told.push(`${kind} ${reason}`), flush: () => Promise.resolve() },
    clock,
    random: () => 0.5,
    log: silentLog,
  });
});

describe('whoever leads', () => {
  it('tells sinks and pods, each for itself: one that is down keeps nobody, and gets all when it is there again', async () => {
    await leading(async () => {
      await change(through('Inspecting', 'Preparing'));
      expect(heard).toEqual(['good Pending', 'good Inspecting', 'good Preparing']);
      expect(told).toEqual(['Migration TargetCreated', 'Pod TargetCreated']);
      isDown = false;
      await clock.advance(30_000);
      expect(heard.slice(3)).toEqual(['bad Pending', 'bad Inspecting', 'bad Preparing']);
    });
  });

  it('tells sinks what was there before, and pods only what comes', async () => {
    known = [through('Inspecting', 'Preparing')];
    await leading(async () => {
      expect(heard).toEqual(['good Pending', 'good Inspecting', 'good Preparing']);
      await change(through('Inspecting', 'Preparing', 'Arrived'));
    });
    expect(told).toEqual(['Migration TargetArrived', 'Pod TargetArrived']);
  });

  it('says nothing when it leads no longer', async () => {
    await leading(() => Promise.resolve());
    await change(through('Inspecting', 'Preparing'));
    expect([...heard, ...told]).toEqual([]);
  });
});
