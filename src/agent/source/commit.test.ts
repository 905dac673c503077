import { beforeEach, describe, expect, it } from 'vitest';
import type { Migration } from '../../api/migration.ts';
import { migrations } from '../../api/resource.ts';
import { FakeClock, settle } from '../../clock/fake-clock.ts';
import { ApiError } from '../../kube/api-error.ts';
import { FakeApi, type Request } from '../../kube/fake-api.ts';
import { silentLog } from '../../log/log.ts';
import { migrationWith, source, target } from '../../migration/move-fixture.ts';
import { openRecord, type Record } from '../record.ts';
import { commit, InDoubt } from './commit.ts';

const key = { namespace: 'default', name: 'move' };
const held = { timings: { dumpMs: 80, restoreMs: 60 }, imageBytes: 1000 };
const hangUp = new Error('socket hang up');

let api: FakeApi;
let clock: FakeClock;
let record: Record;
let migration: Migration;
let process: AbortController;

beforeEach(() => {
  api = new FakeApi();
  clock = new FakeClock();
  record = openRecord(api, clock);
  migration = api.put(migrations, migrationWith({ phase: 'Moving', source, target }));
  process = new AbortController();
});

const committing = (through: Record = record) =>
  commit({ record: through, clock, log: silentLog }, migration, held, process.signal);
const phaseNow = async () => (await api.get(migrations, key)).status?.phase;

/** From now on these calls get no answer and do nothing, until `times` of them were lost. */
const lose = (isLost: (request: Request) => boolean, times = Number.POSITIVE_INFINITY): void => {
  let left = times;
  api.intercept((request) => {
    if (left === 0 || !isLost(request)) return;
    left -= 1;
    throw hangUp;
  });
};
const isPatch = ({ verb }: Request): boolean => verb === 'patch';
const isAny = (): boolean => true;

/** The first answer is lost after the server has done what it was asked. */
const losingItsFirstAnswer = (): Record => {
  let lost = false;
  return {
    ...record,
    async transition(...args) {
      const answer = await record.transition(...args);
      if (lost) return answer;
      lost = true;
      throw hangUp;
    },
  };
};

/** What a promise has come to, without waiting for it. */
const watched = (promise: Promise<unknown>): { state: 'open' | 'committed' | 'refused' } => {
  const seen: { state: 'open' | 'committed' | 'refused' } = { state: 'open' };
  promise.then(
    () => (seen.state = 'committed'),
    () => (seen.state = 'refused'),
  );
  return seen;
};

describe('the commit', () => {
  it('is one compare-and-swap', async () => {
    const done = await committing();
    expect(done.status).toMatchObject({ phase: 'Committed', reason: 'Committed', ...held });
    expect(api.requests.map((r) => r.verb)).toEqual(['patch']);
    expect(api.requests[0]?.body).toMatchObject({ metadata: { resourceVersion: migration.metadata.resourceVersion } });
  });

  it('is refused by a cancellation that was first', async () => {
    await api.patch(
      migrations,
      key,
      { status: { phase: 'Cancelled', message: 'asked to' } },
      { subresource: 'status' },
    );
    await expect(committing()).rejects.toMatchObject({
      reason: 'CommitRefused',
      message: 'Migration move is Cancelled: asked to',
    });
    expect(await phaseNow()).toBe('Cancelled');
  });

  it('is tried again when somebody wrote something else in between', async () => {
    await api.patch(migrations, key, { status: { imageBytes: 1 } }, { subresource: 'status' });
    expect((await committing()).status?.phase).toBe('Committed');
  });

  it.each([400, 403, 422])('ends at once when the server refuses it with %i', async (code) => {
    const refusal = new ApiError({ code, reason: 'Forbidden', message: 'no' });
    api.intercept((request) => {
      if (isPatch(request)) throw refusal;
    });
    await expect(committing()).rejects.toBe(refusal);
    expect(await phaseNow()).toBe('Moving');
  });
});

describe('a commit whose answer is lost', () => {
  it('counts when it was written', async () => {
    const done = await committing(losingItsFirstAnswer());
    expect(done.status).toMatchObject({ phase: 'Committed', ...held });
    expect(api.requests.map((r) => r.verb)).toEqual(['patch', 'get']);
  });

  it('is written again when it was not', async () => {
    lose(isPatch, 1);
    expect((await committing()).status?.phase).toBe('Committed');
    expect(api.requests.map((r) => r.verb)).toEqual(['patch', 'get', 'patch']);
  });

  it('yields to a cancellation that came meanwhile', async () => {
    lose(isAny, 2); // the commit, and the first look at the record
    const done = committing();
    const seen = watched(done);
    await settle();
    expect(seen.state).toBe('open');
    await api.patch(migrations, key, { status: { phase: 'Failed', message: 'too late' } }, { subresource: 'status' });
    await clock.advance(250);
    await expect(done).rejects.toMatchObject({ reason: 'CommitRefused' });
  });

  it('stays in doubt for as long as the server is away, and is settled when it is back', async () => {
    lose(isAny, 100);
    const done = committing();
    const seen = watched(done);
    await clock.advance(20_000);
    expect(seen.state).toBe('open');
    await clock.advance(10_000);
    expect((await done).status?.phase).toBe('Committed');
  });

  it('leaves the source in doubt when the process ends first', async () => {
    lose(isAny);
    const done = committing();
    const seen = watched(done);
    await settle();
    expect(seen.state).toBe('open');
    process.abort(new Error('SIGTERM'));
    await expect(done).rejects.toBeInstanceOf(InDoubt);
  });
});
