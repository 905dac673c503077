import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../clock/fake-clock.ts';
import type { Key } from '../../kube/api.ts';
import { silentLog } from '../../log/log.ts';
import type { HookCall } from '../../migration/hooks/call.ts';
import { execHook, moveWith, resultWith } from '../../migration/hooks/hook-fixture.ts';
import { createHookRunner, type Ending } from './runner.ts';

const call: HookCall = { by: 'exec', pod: { name: 'web-1', uid: 'u' }, container: 'web', command: ['/x'] };
const id = 'preFreeze/Pod/1';
const run = { id, call, timeoutMs: 10_000 };
const due = moveWith('Arrived', [execHook('preFreeze')]);
const done = moveWith('Arrived', [execHook('preFreeze')], { hooks: [resultWith('preFreeze')] });

let clock: FakeClock;
let ended: Key[];
let signals: AbortSignal[];
let answer: PromiseWithResolvers<Ending>;

const makeRunner = () =>
  createHookRunner({
    carryOut: (_call, _namespace, signal) => {
      signals.push(signal);
      return answer.promise;
    },
    onEnd: (key) => ended.push(key),
    clock,
    log: silentLog,
  });

beforeEach(() => {
  clock = new FakeClock();
  [ended, signals] = [[], []];
  answer = Promise.withResolvers();
});

describe('a hook that was started', () => {
  it('is being run until it has ended, and then it is known what came of it', async () => {
    using runner = makeRunner();
    runner.start(due, run);
    expect(runner.reportsOf(due).get(id)).toEqual({ state: 'running' });
    await clock.advance(70);
    answer.resolve({ output: 'done' });
    await settle();
    expect(runner.reportsOf(due).get(id)).toEqual({ state: 'ended', failure: undefined, output: 'done', ms: 70 });
    expect(ended).toEqual([{ namespace: 'default', name: 'move' }]);
  });

  it('is not started twice', () => {
    using runner = makeRunner();
    runner.start(due, run);
    runner.start(due, run);
    expect(signals).toHaveLength(1);
  });

  it('and hangs has failed when its time is over, whatever it does about that', async () => {
    using runner = makeRunner();
    runner.start(due, run);
    await clock.advance(10_000);
    await settle();
    expect(runner.reportsOf(due).get(id)).toMatchObject({ failure: 'it did not end within 10 s', ms: 10_000 });
    expect(signals[0]?.aborted).toBe(true);
  });

  it('and goes wrong in a way that nobody thought of has failed', async () => {
    using runner = makeRunner();
    runner.start(due, run);
    answer.reject(new Error('surprise'));
    await settle();
    expect(runner.reportsOf(due).get(id)).toMatchObject({ failure: 'surprise' });
  });

  it('is ended when the move has gone on without it, and nobody is told', async () => {
    using runner = makeRunner();
    runner.start(due, run);
    expect(runner.reportsOf(moveWith('Failed', [execHook('preFreeze')])).size).toBe(0);
    expect(signals[0]?.aborted).toBe(true);
    answer.resolve({ output: 'too late' });
    await settle();
    expect(ended).toEqual([]);
  });

  it('is forgotten when the record has it', async () => {
    using runner = makeRunner();
    runner.start(due, run);
    answer.resolve({ output: 'done' });
    await settle();
    expect(runner.reportsOf(done).size).toBe(0);
  });

  it('is ended when its move is forgotten, and when another controller leads', () => {
    const runner = makeRunner();
    runner.start(due, run);
    runner.forget(due);
    runner.start(due, run);
    runner[Symbol.dispose]();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });
});
