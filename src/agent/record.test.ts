import { beforeEach, describe, expect, it } from 'vitest';
import { mayFollow, phases } from '../api/phase.ts';
import { migrations } from '../api/resource.ts';
import { FakeClock } from '../clock/fake-clock.ts';
import { ApiError } from '../kube/api-error.ts';
import { FakeApi } from '../kube/fake-api.ts';
import { migrationWith, movable } from '../migration/move-fixture.ts';
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
    const changed = record.transition(migration, { to, finding });
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
    const changed = await record.transition(migration, { to: 'Moving', finding, change: { imageBytes: 6 } });
    expect(changed.status).toEqual({
      phase: 'Moving',
      reason: 'Moving',
      message: 'It moves',
      imageBytes: 6,
      conditions: [movable],
      phaseTransitions: [...before, { phase: 'Moving', time: '2026-01-01T00:00:00.000Z' }],
    });
  });

  it('is refused when somebody else was first', async () => {
    const migration = api.put(migrations, migrationWith({ phase: 'Moving' }));
    await api.patch(migrations, key, { spec: { cancel: true } });
    await expect(record.transition(migration, { to: 'Committed', finding })).rejects.toMatchObject({
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
    await expect(record.transition(migration, { to: 'Committed', finding })).rejects.toBe(away);
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
