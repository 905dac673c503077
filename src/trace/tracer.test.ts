import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { FakeClock } from '../clock/fake-clock.ts';
import { migrationWith } from '../api/pod-fixture.ts';
import type { TraceEvent } from './event.ts';
import { eventsIn, moveIn } from './record.ts';
import { ProcessTrace } from './tracer.ts';

const processOf = (run = '00000001') => {
  const written: TraceEvent[] = [];
  const clock = new FakeClock();
  const trace = new ProcessTrace({ run, clock, write: (event) => written.push(event) });
  return { trace, written, labels: () => written.map(({ label }) => label) };
};
const rest = () => sleep(120);
const move = (uid: string) => ({ uid, clock: {} });

describe('the trace of one process', () => {
  it('counts each actor for itself, and lets each know what the others have done', () => {
    const { trace } = processOf();
    const [webhook, controller] = [trace.of('webhook'), trace.of('controller')];
    webhook.note(move('m'), 'a');
    controller.note(move('m'), 'b');
    expect(webhook.note(move('m'), 'c')).toEqual({ 'webhook@00000001': 2, 'controller@00000001': 1 });
    expect(webhook.note(move('other'), 'd')).toEqual({ 'webhook@00000001': 1 });
  });

  it('learns from the record, but not of itself', () => {
    const tracer = processOf().trace.of('controller');
    tracer.note(move('m'), 'a');
    const trace = { 'controller@00000001': 7, 'agent-n1@00000002': 3 };
    expect(tracer.note(moveIn(migrationWith({ metadata: { uid: 'm' }, status: { trace } })), 'b')).toEqual({
      'controller@00000001': 2,
      'agent-n1@00000002': 3,
    });
  });

  it('begins a move in its Migration, and counts on from there', () => {
    const { trace, written } = processOf();
    const tracer = trace.of('cli');
    const beginning = tracer.begin('asks for the move');
    const made = migrationWith({ metadata: { uid: 'm', annotations: beginning.annotations } });
    expect(eventsIn(made)).toMatchObject([{ actor: 'cli@00000001', label: 'asks for the move', migration: 'm' }]);
    beginning.made(made);
    expect(tracer.note(moveIn(made), 'b')).toEqual({ 'cli@00000001': 2 });
    expect(written.map(({ migration, label }) => [migration, label])).toEqual([
      ['m', 'asks for the move'],
      ['m', 'b'],
    ]);
  });

  it.each(['before the answer', 'without an answer'])('counts on when it hears of the Migration %s', (when) => {
    const { trace, written } = processOf();
    const tracer = trace.of('webhook');
    const beginning = tracer.begin('a');
    const made = migrationWith({ metadata: { uid: 'm', annotations: beginning.annotations } });
    expect(tracer.note(moveIn(made), 'b')).toEqual({ 'webhook@00000001': 2 });
    if (when === 'before the answer') beginning.made(made);
    expect(tracer.note(moveIn(made), 'c')).toEqual({ 'webhook@00000001': 3 });
    expect(written.filter(({ label }) => label === 'a')).toHaveLength(when === 'before the answer' ? 1 : 0);
  });

  it('goes by another name for a move that it has forgotten', () => {
    const { trace } = processOf();
    const tracer = trace.of('controller');
    const first = tracer.note(move('m'), 'a');
    for (let i = 0; i < 1_000; i += 1) tracer.note(move(`m${i}`), 'b');
    expect(tracer.note({ uid: 'm', clock: first }, 'c')).toEqual({
      'controller@00000001': 1,
      'controller@00000001-1': 1,
    });
  });
});

describe('while a pod stands still', () => {
  it('nothing is written, and all of it afterwards, in order', async () => {
    const { trace, labels } = processOf();
    const tracer = trace.of('agent-n1');
    tracer.note(move('m'), 'before');
    tracer.hold('m');
    tracer.note(move('m'), 'in it');
    tracer.note(move('other'), 'meanwhile');
    expect(labels()).toEqual(['before']);
    tracer.release('m');
    tracer.note(move('m'), 'as it ends');
    expect(labels()).toEqual(['before']);
    await rest();
    expect(labels()).toEqual(['before', 'in it', 'meanwhile', 'as it ends']);
  });

  it('another one that does not any more changes nothing', async () => {
    const { trace, labels } = processOf();
    const tracer = trace.of('agent-n1');
    tracer.hold('m');
    tracer.hold('other');
    tracer.note(move('m'), 'in it');
    tracer.release('other');
    await rest();
    expect(labels()).toEqual([]);
  });

  it('what waits is written when the process ends, or when nobody tells of an end', () => {
    vi.useFakeTimers();
    try {
      const { trace, labels } = processOf();
      const tracer = trace.of('agent-n1');
      for (const label of ['a', 'b']) {
        tracer.hold('m');
        tracer.note(move('m'), label);
        if (label === 'a') trace.close();
        else vi.advanceTimersByTime(20_000);
      }
      expect(labels()).toEqual(['a', 'b']);
    } finally {
      vi.useRealTimers();
    }
  });
});
