import { describe, expect, it } from 'vitest';
import type { Attempt, Migration, MigrationStatus } from '../api/migration.ts';
import { allReasons, type Reason, retryOf } from '../api/reasons.ts';
import { afterFault, nodesAtFault, termsOf } from './attempt.ts';
import { migrationWith, now, source, target } from './move-fixture.ts';

const terms = { retries: 3, maxFreezeSeconds: 10 };
const at = (ms: number): string => new Date(ms).toISOString();

const inPhase = (phase: MigrationStatus['phase'], fields: Partial<MigrationStatus> = {}): Migration =>
  migrationWith({ phase, source, target, terms, attempt: 1, ...fields });

const earlier = (number: number, reason: string, nodeName?: string): Attempt => ({
  number,
  phase: 'Moving',
  ...(nodeName !== undefined && { nodeName }),
  endTime: '2026-01-01T00:09:30Z',
  reason,
  message: 'it was so',
});

interface Case {
  readonly migration?: Migration;
  readonly reason?: Reason;
  readonly isTargetWaiting?: boolean;
  readonly when?: number;
}

const written = ({ migration = inPhase('Moving'), reason = 'DumpFailed', isTargetWaiting, when = now }: Case) =>
  afterFault(
    migration,
    { reason, message: 'it broke' },
    { now: when, ...(isTargetWaiting !== undefined && { isTargetWaiting }) },
  );
const follows = (given: Case) => written(given).status.phase;

describe('after a fault, a move', () => {
  /** The Migration was made a minute before `now` and has 600 s. */
  const deadline = now + 540_000;

  it.each<[string, Case, MigrationStatus['phase']]>([
    ['is tried again when the fault may pass', { reason: 'DumpFailed' }, 'Retrying'],
    ['is tried again when the target node was at fault', { reason: 'RestoreFailed' }, 'Retrying'],
    ['is abandoned when it would be so again', { reason: 'IOUringUsed' }, 'Failed'],
    ['is abandoned when its source has ended', { reason: 'SourceGone' }, 'Failed'],
    ['is abandoned when it has not begun', { migration: inPhase('Pending') }, 'Failed'],
    ['has its last retry', { migration: inPhase('Moving', { attempt: 3 }) }, 'Retrying'],
    ['is abandoned when no retry is left', { migration: inPhase('Moving', { attempt: 4 }) }, 'Failed'],
    [
      'is abandoned at once under terms without retries',
      { migration: inPhase('Moving', { terms: { ...terms, retries: 0 } }) },
      'Failed',
    ],
    ['is tried again when there is time for the pause', { when: deadline - 1_001 }, 'Retrying'],
    ['is abandoned when the pause would end at its deadline', { when: deadline - 1_000 }, 'Failed'],
    ['is abandoned after its deadline', { when: deadline }, 'Failed'],
    ['resumes with a target that waits', { isTargetWaiting: true }, 'Arrived'],
    ['resumes with none that does not', { isTargetWaiting: false }, 'Retrying'],
    ['does not resume on a node that was at fault', { isTargetWaiting: true, reason: 'RestoreFailed' }, 'Retrying'],
    [
      'does not resume before it had moved',
      { isTargetWaiting: true, migration: inPhase('Arrived'), reason: 'AgentStopping' },
      'Retrying',
    ],
    [
      'does not resume when no retry is left',
      { isTargetWaiting: true, migration: inPhase('Moving', { attempt: 4 }) },
      'Failed',
    ],
    ['goes away from a node that nobody is to blame for', { reason: 'TargetNodeDecommissioned' }, 'Retrying'],
    [
      'goes away from it when no retry is left',
      { reason: 'TargetNodeDecommissioned', migration: inPhase('Moving', { attempt: 4 }) },
      'Retrying',
    ],
    [
      'goes away from it under terms without retries',
      { reason: 'TargetNodeDecommissioned', migration: inPhase('Moving', { terms: { ...terms, retries: 0 } }) },
      'Retrying',
    ],
    [
      'has all its retries after that',
      { migration: inPhase('Moving', { attempt: 4, attempts: [earlier(1, 'TargetNodeDecommissioned', 'n3')] }) },
      'Retrying',
    ],
    [
      'and no more',
      { migration: inPhase('Moving', { attempt: 5, attempts: [earlier(1, 'TargetNodeDecommissioned', 'n3')] }) },
      'Failed',
    ],
    [
      'does not go away when it has no time left',
      { reason: 'TargetNodeDecommissioned', when: deadline - 1_000 },
      'Failed',
    ],
    ['does not resume when it would be so again', { isTargetWaiting: true, reason: 'SourceGone' }, 'Failed'],
  ])('%s', (_what, given, phase) => {
    expect(follows(given)).toBe(phase);
  });

  it('goes by its reason alone, whichever it is', () => {
    for (const reason of allReasons) {
      const kind = retryOf(reason);
      expect(follows({ reason })).toBe(kind === 'never' ? 'Failed' : 'Retrying');
      expect(follows({ reason, isTargetWaiting: true }) === 'Arrived').toBe(kind === 'anywhere');
    }
  });

  it.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [5, 16_000],
    [6, 30_000],
    [10, 30_000],
  ])('waits after attempt %i for %i ms', (attempt, pause) => {
    const migration = inPhase('Moving', { attempt, terms: { ...terms, retries: 10 } });
    expect(written({ migration }).status).toMatchObject({ attempt: attempt + 1, notBefore: at(now + pause) });
  });

  it.each<[number, string, Attempt[]]>([
    [1, 'it broke', []],
    [2, 'it broke (attempt 2 of at most 4)', []],
    [2, 'it broke (attempt 2 of at most 5)', [earlier(1, 'TargetNodeDecommissioned', 'n3')]],
    [4, 'it broke (attempt 4 of at most 4)', []],
  ])('says in attempt %i: %s', (attempt, message, attempts) => {
    expect(written({ migration: inPhase('Moving', { attempt, attempts }) }).status).toMatchObject({
      reason: 'DumpFailed',
      message,
    });
  });
});

describe('the record of a fault', () => {
  it('lists the attempt after those before it, with its node, its phase and its own words', () => {
    const attempts = [earlier(1, 'RestoreFailed', 'n3')];
    const { metadata, status } = written({ migration: inPhase('Moving', { attempt: 2, attempts }) });
    expect(metadata).toEqual({ resourceVersion: '21' });
    expect(status.attempts).toEqual([
      ...attempts,
      {
        number: 2,
        phase: 'Moving',
        nodeName: 'n2',
        endTime: '2026-01-01T00:10:00Z',
        reason: 'DumpFailed',
        message: 'it broke',
      },
    ]);
  });

  it('names no node when there was none yet', () => {
    const [attempt] = written({ migration: inPhase('Inspecting', { target: undefined }) }).status.attempts ?? [];
    expect(attempt).toMatchObject({ number: 1, phase: 'Inspecting' });
    expect(attempt).not.toHaveProperty('nodeName');
  });

  it('lists the last attempt too, and announces none', () => {
    const { status } = written({ migration: inPhase('Moving', { attempt: 4 }) });
    expect(status.attempts?.map(({ number }) => number)).toEqual([4]);
    expect(status).not.toHaveProperty('attempt');
    expect(status).not.toHaveProperty('notBefore');
  });

  it('lists no attempt of a move that has not begun', () => {
    const { status } = written({ migration: migrationWith() });
    expect(status).not.toHaveProperty('attempts');
    expect(status).not.toHaveProperty('attempt');
  });
});

describe('the terms of a move', () => {
  it('are those that it was accepted under', () => {
    const own = { retries: 7, maxFreezeSeconds: 3 };
    expect(termsOf(inPhase('Moving', { terms: own }))).toEqual(own);
  });

  it('are the built-in ones where none were noted', () => {
    expect(termsOf(migrationWith())).toEqual({ retries: 3, maxFreezeSeconds: 10 });
  });
});

describe('nodes at fault', () => {
  it.each<[string, Attempt[] | undefined, string[]]>([
    ['are none before the first attempt has ended', undefined, []],
    [
      'are those whose own faults ended an attempt',
      [earlier(1, 'RestoreFailed', 'n2'), earlier(2, 'TargetNotReady', 'n3')],
      ['n2', 'n3'],
    ],
    [
      'are not those that were decommissioned, which may be open again',
      [earlier(1, 'TargetNodeDecommissioned', 'n2')],
      [],
    ],
    ['are not those of faults that may be anywhere', [earlier(1, 'DumpFailed', 'n2')], []],
    ['are not known of attempts without a node', [earlier(1, 'TargetPodGone')], []],
    ['are not known from reasons of another version', [earlier(1, 'OfALaterVersion', 'n2')], []],
  ])('%s', (_what, attempts, nodes) => {
    expect([...nodesAtFault(inPhase('Inspecting', { attempts }))]).toEqual(nodes);
  });
});
