import { describe, expect, it } from 'vitest';
import { timestamp } from '../../clock/clock.ts';
import { now } from '../../migration/move-fixture.ts';
import type { Answer } from './answer.ts';
import { evictionWith } from './eviction-fixture.ts';
import { heartbeatDue, patchOf, saidNow } from './report.ts';

const name = 'transship.dev/responder';
const startTime = timestamp(now - 600_000);
const underWay = (changes: object = {}): Answer => ({ is: 'underWay', message: 'at it', ...changes });

/** When the next heartbeat is due, in seconds after the last. */
const pause = (message: string, answer: Answer): number =>
  (heartbeatDue({ name, startTime, heartbeatTime: timestamp(now), message }, answer) - now) / 1000;

describe('a heartbeat', () => {
  it('is due at once when there was none: it acknowledges', () => {
    expect(saidNow({ name, startTime }, underWay(), now)).toEqual({ heartbeatTime: timestamp(now), message: 'at it' });
  });

  it('is due every three minutes, and sooner when there is news, but not within 20 s', () => {
    expect(pause('at it', underWay())).toBe(180);
    expect(pause('not yet', underWay())).toBe(21);
  });

  it('is not before the start, which a clock ahead of ours may have told', () => {
    const early = { name, startTime: timestamp(now + 5_000) };
    expect(saidNow(early, underWay(), now)?.heartbeatTime).toBe(early.startTime);
  });

  it('says when the move will be given up, and never a time that has passed', () => {
    const expected = (at: number) =>
      saidNow({ name, startTime }, underWay({ expected: at }), now)?.expectedCompletionTime;
    expect(expected(now + 60_000)).toBe(timestamp(now + 60_000));
    expect(expected(now - 60_000)).toBe(timestamp(now));
  });
});

it('an end is said at once, whenever the last heartbeat was', () => {
  const before = { name, startTime, heartbeatTime: timestamp(now - 1_000), message: 'at it' };
  expect(saidNow(before, { is: 'done', message: 'moved' }, now)).toEqual({
    completionTime: timestamp(now),
    message: 'moved',
  });
});

it('a message is cut where the API server would refuse it', () => {
  const message = 'x'.repeat(5_000);
  const said = saidNow({ name, startTime }, underWay({ message }), now);
  expect(said?.message).toHaveLength(4_000);
  // What was cut is no news.
  expect(pause(said?.message ?? '', underWay({ message }))).toBe(180);
});

it('what is written changes our own part, on the version that it was decided on', () => {
  const eviction = evictionWith({ said: { heartbeatTime: timestamp(now), message: 'at it', later: 'kept' } });
  expect(patchOf({ eviction, said: { completionTime: timestamp(now), message: 'moved' } })).toEqual({
    metadata: { resourceVersion: '41' },
    status: {
      responders: [
        {
          name,
          startTime: timestamp(now - 10_000),
          heartbeatTime: timestamp(now),
          completionTime: timestamp(now),
          message: 'moved',
          later: 'kept',
        },
        { name: 'imperative-eviction.k8s.io/evictor' },
      ],
    },
  });
});
