import { beforeEach, describe, expect, it } from 'vitest';
import type { MigrationStatus } from '../api/migration.ts';
import { isCommitted, isFinished, mayFollow, type Phase, phases } from '../api/phase.ts';
import { migrations } from '../api/resource.ts';
import { FakeClock } from '../clock/fake-clock.ts';
import { ApiError } from '../kube/api-error.ts';
import { FakeApi } from '../kube/fake-api.ts';
import { migrationWith, movable, source, target } from '../migration/move-fixture.ts';
import type { Verdict } from '../migration/status.ts';
import { openRecord, type Record } from './record.ts';

const key = { namespace: 'default', name: 'move' };
const finding = { reason: 'Moving', message: 'It moves' } as const;

let api: FakeApi;
let record: Record;

beforeEach(() => {
  api = new FakeApi();
  record = openRecord(api, new FakeClock());
});

describe('a change of phase', () => {
  const pairs = phases.flatMap((from) => phases.map((to) => [from, to, mayFollow(from, to)] as const));

  it.each(pairs)('from %s to %s: %s', async (from, to, allowed) => {
    const migration = api.put(migrations, migrationWith({ phase: from }));
    const changed = record.transition(migration, { to, ...finding });
    if (allowed) {
      await expect(changed).resolves.toMatchObject({ status: { phase: to } });
    } else {
      await expect(changed).rejects.toMatchObject({ reason: 'CommitRefused' });
      expect(api.requests).toEqual([]);
    }
  });

  it('writes down why and when, beside what was there', async () => {
    const before = [{ phase: 'Pending' as const, time: '2025-12-31T23:59:00.000Z' }];
    const migration = api.put(
      migrations,
      migrationWith({ phase: 'Arrived', phaseTransitions: before, imageBytes: 5, conditions: [movable] }),
    );
    const changed = await record.transition(migration, { to: 'Moving', ...finding, fields: { imageBytes: 6 } });
    expect(changed.status).toEqual({
      phase: 'Moving',
      reason: 'Moving',
      message: 'It moves',
      imageBytes: 6,
      conditions: [
        { type: 'Finished', status: 'False', ...finding, lastTransitionTime: '2026-01-01T00:00:00Z' },
        movable,
        { type: 'Succeeded', status: 'Unknown', ...finding, lastTransitionTime: '2026-01-01T00:00:00Z' },
      ],
      phaseTransitions: [...before, { phase: 'Moving', time: '2026-01-01T00:00:00.000Z' }],
    });
  });

  it('is refused when somebody else was first', async () => {
    const migration = api.put(migrations, migrationWith({ phase: 'Moving' }));
    await api.patch(migrations, key, { spec: { cancel: true } });
    await expect(record.transition(migration, { to: 'Committed', ...finding })).rejects.toMatchObject({
      reason: 'CommitRefused',
      message: 'Migration default/move was changed by somebody else',
    });
    expect((await record.read(migration)).status?.phase).toBe('Moving');
  });

  it('lets other errors through', async () => {
    const migration = api.put(migrations, migrationWith({ phase: 'Moving' }));
    const away = new ApiError({ code: 503, reason: 'ServiceUnavailable', message: 'etcd has no leader' });
    api.intercept(() => {
      throw away;
    });
    await expect(record.transition(migration, { to: 'Committed', ...finding })).rejects.toBe(away);
  });

  const lost = new Error('socket hang up');

  it('counts when only its answer was lost', async () => {
    const losing = openRecord(api, new FakeClock(), () => Promise.reject(lost));
    const migration = api.put(migrations, migrationWith({ phase: 'Preparing', target }));
    const fields = { target: { ...target, containers: [{ name: 'web', id: 'c9' }] } };
    await expect(losing.transition(migration, { to: 'Arrived', ...finding, fields })).resolves.toMatchObject({
      status: { phase: 'Arrived', target: { containers: [{ name: 'web', id: 'c9' }] } },
    });
  });

  it('counts when somebody else has written since', async () => {
    const losing = openRecord(api, new FakeClock(), async (arrived) => {
      await record.transition(arrived, { to: 'Moving', ...finding });
      throw lost;
    });
    const migration = api.put(migrations, migrationWith({ phase: 'Preparing', target }));
    await expect(losing.transition(migration, { to: 'Arrived', ...finding })).resolves.toMatchObject({
      status: { phase: 'Moving' },
    });
  });

  it('does not count when somebody else has written instead', async () => {
    const migration = api.put(migrations, migrationWith({ phase: 'Preparing', target }));
    await record.end(migration, finding, { isTargetWaiting: false });
    api.intercept(({ verb }) => {
      if (verb === 'patch') throw lost;
    });
    await expect(record.transition(migration, { to: 'Arrived', ...finding })).rejects.toBe(lost);
  });
});

describe('the end of an attempt', () => {
  const fault = { reason: 'DumpFailed', message: 'CRIU said no' } as const;
  const lasting = { reason: 'SourceGone', message: 'the source pod web-1 has ended' } as const;
  const put = (phase: Phase, fields: Partial<MigrationStatus> = {}) =>
    api.put(
      migrations,
      migrationWith({ phase, source, target, attempt: 1, terms: { retries: 1, maxFreezeSeconds: 10 }, ...fields }),
    );

  interface Case {
    readonly phase: Phase;
    readonly verdict: Verdict;
    readonly isTargetWaiting: boolean;
    readonly attempt: number;
  }
  const given: Case = { phase: 'Moving', verdict: fault, isTargetWaiting: false, attempt: 1 };

  it.each<[string, Case, Partial<MigrationStatus>]>([
    [
      'is followed by another after a pause',
      given,
      { phase: 'Retrying', attempt: 2, notBefore: '2026-01-01T00:00:01.000Z' },
    ],
    [
      'is followed by a resumed one with a target that waits',
      { ...given, isTargetWaiting: true },
      { phase: 'Arrived', attempt: 2 },
    ],
    [
      'is that of the move when no retry is left',
      { ...given, isTargetWaiting: true, attempt: 2 },
      { phase: 'Failed', attempt: 2 },
    ],
    [
      'is that of the move when it would be so again',
      { ...given, phase: 'Preparing', verdict: lasting },
      { phase: 'Failed', attempt: 1 },
    ],
  ])('%s', async (_what, { phase, verdict, isTargetWaiting, attempt }, expected) => {
    const ended = await record.end(put(phase, { attempt }), verdict, { isTargetWaiting });
    expect(ended.status).toMatchObject({ reason: verdict.reason, ...expected });
    expect(ended.status?.message).toContain(verdict.message);
    expect(ended.status?.attempts).toEqual([
      { number: attempt, phase, nodeName: 'n2', endTime: '2026-01-01T00:00:00Z', ...verdict },
    ]);
  });

  it.each(phases.filter((phase) => isCommitted(phase) || isFinished(phase)))(
    'is never written into a record that is %s',
    async (phase) => {
      const migration = put(phase);
      await expect(record.end(migration, fault, { isTargetWaiting: true })).rejects.toMatchObject({
        reason: 'CommitRefused',
      });
      expect(api.requests).toEqual([]);
    },
  );

  it('is refused when somebody else was first', async () => {
    const migration = put('Moving');
    await api.patch(migrations, key, { status: { phase: 'Committed' } }, { subresource: 'status' });
    await expect(record.end(migration, fault, { isTargetWaiting: false })).rejects.toMatchObject({
      reason: 'CommitRefused',
    });
    expect((await record.read(migration)).status?.phase).toBe('Committed');
  });
});

describe('a note', () => {
  it('replaces the condition of its type and leaves the phase alone', async () => {
    const other = { ...movable, type: 'Other' };
    const migration = api.put(migrations, migrationWith({ phase: 'Inspecting', conditions: [movable, other] }));
    const noted = await record.note(
      migration,
      { type: 'Movable', status: 'False', reason: 'IOUringUsed', message: 'no' },
      { imageBytes: 1 },
    );
    expect(noted.status).toMatchObject({
      phase: 'Inspecting',
      imageBytes: 1,
      conditions: [
        other,
        {
          type: 'Movable',
          status: 'False',
          reason: 'IOUringUsed',
          message: 'no',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
    });
  });

  it('without a condition keeps those that are there', async () => {
    const migration = api.put(migrations, migrationWith({ phase: 'Committed', conditions: [movable] }));
    const noted = await record.note(migration, undefined, { timings: { freezeMs: 1 } });
    expect(noted.status).toEqual({ phase: 'Committed', conditions: [movable], timings: { freezeMs: 1 } });
  });

  it('is refused when somebody else was first', async () => {
    const migration = api.put(migrations, migrationWith({ phase: 'Inspecting' }));
    await api.patch(migrations, key, { spec: { cancel: true } });
    await expect(record.note(migration, undefined, { imageBytes: 1 })).rejects.toMatchObject({
      reason: 'CommitRefused',
    });
  });
});
