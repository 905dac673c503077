import { beforeEach, describe, expect, it } from 'vitest';
import type { Migration } from '../../api/migration.ts';
import { migrations } from '../../api/resource.ts';
import { FakeClock } from '../../clock/fake-clock.ts';
import { ApiError } from '../../kube/api-error.ts';
import { FakeApi, type Request } from '../../kube/fake-api.ts';
import { migrationUID, migrationWith, source, target } from '../../migration/move-fixture.ts';
import { openRecord, type Record } from '../record.ts';
import { ask, askAgain, type Held } from './ask.ts';

const key = { namespace: 'default', name: 'move' };
const held: Held = { timings: { dumpMs: 80, restoreMs: 60 }, imageBytes: 1000 };
const hangUp = new Error('socket hang up');

let api: FakeApi;
let record: Record;
let migration: Migration;
/** What reached the disk and the server, in this order. */
let happened: string[];

beforeEach(() => {
  api = new FakeApi();
  record = openRecord(api, new FakeClock());
  migration = api.put(migrations, migrationWith({ phase: 'Moving', attempt: 2, source, target }));
  happened = [];
  api.intercept(({ verb }) => {
    happened.push(verb);
  });
});

const mark = (uid: string): void => {
  happened.push(`mark ${uid}`);
};
const asking = (through = record) => ask({ record: through }, migration, held, mark);
const askingAgain = (through = record) => askAgain({ record: through }, migration, held, mark);
const stored = async () => (await api.get(migrations, key)).status;
const somebodyWrites = (status: object) => api.patch(migrations, key, { status }, { subresource: 'status' });

/** From now on these calls get no answer and do nothing. */
const lose = (isLost: (request: Request) => boolean, error: Error = hangUp): void => {
  api.intercept((request) => {
    if (isLost(request)) throw error;
  });
};
const isPatch = ({ verb }: Request): boolean => verb === 'patch';
const isGet = ({ verb }: Request): boolean => verb === 'get';

/** The server does what it is asked, and the answer is lost. */
const losingItsAnswer = (): Record => ({
  ...record,
  async transition(...args) {
    await record.transition(...args);
    throw hangUp;
  },
});

describe('asking for the commit', () => {
  it('is one compare-and-swap', async () => {
    const answer = await asking();
    expect(answer).toMatchObject({ answer: 'committed', record: { status: { phase: 'Committed' } } });
    expect(await stored()).toMatchObject({ phase: 'Committed', reason: 'Committed', attempt: 2, ...held });
    const writes = api.requests.filter(isPatch);
    expect(writes).toHaveLength(1);
    expect(writes[0]?.body).toMatchObject({ metadata: { resourceVersion: migration.metadata.resourceVersion } });
  });

  it('marks the source first: once it is sent, nobody may thaw it unread', async () => {
    await asking();
    expect(happened).toEqual([`mark ${migrationUID}`, 'patch']);
  });

  it('is not sent when the mark cannot be set', async () => {
    const full = new Error('no space left on device');
    const failing = (): never => {
      throw full;
    };
    await expect(ask({ record }, migration, held, failing)).rejects.toBe(full);
    expect(happened).toEqual([]);
    expect((await stored())?.phase).toBe('Moving');
  });

  it.each<[string, object]>([
    ['a cancellation', { phase: 'Cancelled', message: 'asked to' }],
    ['another attempt', { phase: 'Retrying', attempt: 3 }],
    ['another field', { imageBytes: 1 }],
  ])('does not overrule somebody who was first to write: %s', async (_what, status) => {
    await somebodyWrites(status);
    expect(await asking()).toMatchObject({ answer: 'unknown', error: { reason: 'CommitRefused' } });
    expect(await stored()).toMatchObject(status);
  });

  it.each([400, 403, 404, 422])('leaves no doubt when the server refuses it with %i', async (code) => {
    const refusal = new ApiError({ code, reason: 'Forbidden', message: 'no' });
    lose(isPatch, refusal);
    expect(await asking()).toEqual({ answer: 'refused', error: refusal });
    expect((await stored())?.phase).toBe('Moving');
  });

  it.each([429, 500, 503, 504])('leaves it in doubt when the server answers %i', async (code) => {
    const error = new ApiError({ code, reason: 'Unavailable', message: 'etcd is away' });
    lose(isPatch, error);
    expect(await asking()).toEqual({ answer: 'unknown', error });
  });

  it('has happened when only its answer was lost', async () => {
    const losing = openRecord(api, new FakeClock(), () => Promise.reject(hangUp));
    expect(await asking(losing)).toMatchObject({
      answer: 'committed',
      record: { status: { phase: 'Committed' } },
    });
  });

  it('is in doubt when there is no answer and the record could not be read, or does not say it yet', async () => {
    lose(isPatch);
    expect(await asking()).toEqual({ answer: 'unknown', error: hangUp });
    expect(await asking(losingItsAnswer())).toEqual({ answer: 'unknown', error: hangUp });
  });
});

describe('asking again, in doubt', () => {
  it('finds the commit that was written', async () => {
    await asking(losingItsAnswer());
    happened.length = 0;
    expect(await askingAgain()).toMatchObject({ answer: 'committed', record: { status: { ...held } } });
    expect(happened).toEqual(['get']);
  });

  it.each(['Committed', 'Succeeded', 'Lost'] as const)('takes a record that is %s for committed', async (phase) => {
    await somebodyWrites({ phase });
    expect(await askingAgain()).toMatchObject({ answer: 'committed', record: { status: { phase } } });
  });

  it('writes it when it was not, on top of what was written since', async () => {
    await somebodyWrites({ imageBytes: 1 });
    happened.length = 0;
    expect(await askingAgain()).toMatchObject({ answer: 'committed' });
    expect(happened).toEqual(['get', `mark ${migrationUID}`, 'patch']);
    expect(await stored()).toMatchObject({ phase: 'Committed', ...held });
  });

  it.each<[string, object]>([
    ['a cancellation', { phase: 'Cancelled' }],
    ['the end of the move', { phase: 'Failed' }],
    ['the end of the attempt', { phase: 'Retrying', attempt: 3 }],
    ['an attempt that is to be resumed', { phase: 'Arrived', attempt: 3 }],
    ['a later attempt that moves already', { phase: 'Moving', attempt: 3 }],
  ])('yields to %s that came meanwhile, and writes nothing', async (_what, status) => {
    await somebodyWrites(status);
    happened.length = 0;
    expect(await askingAgain()).toMatchObject({ answer: 'closed', record: { status } });
    expect(happened).toEqual(['get']);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['cancelled', () => api.patch(migrations, key, { spec: { cancel: true } })],
    [
      'deleted',
      async () => {
        await api.patch(migrations, key, { metadata: { finalizers: ['transship.dev/move'] } });
        await api.delete(migrations, key);
      },
    ],
  ])('yields to somebody who has %s the move meanwhile, and writes nothing', async (_what, takeBack) => {
    await takeBack();
    happened.length = 0;
    expect(await askingAgain()).toMatchObject({ answer: 'withdrawn', record: { status: { phase: 'Moving' } } });
    expect(happened).toEqual(['get']);
  });

  it.each([403, 422])(
    'stays in doubt after a refusal with %i: it says nothing of what was sent before',
    async (code) => {
      const refusal = new ApiError({ code, reason: 'Forbidden', message: 'no' });
      lose(isPatch, refusal);
      expect(await askingAgain()).toEqual({ answer: 'unknown', error: refusal });
    },
  );

  it('stays in doubt while the record cannot be read, and writes nothing', async () => {
    lose(isGet);
    expect(await askingAgain()).toEqual({ answer: 'unknown', error: hangUp });
    expect(happened.filter((what) => what !== 'get')).toEqual([]);
  });

  it('says that the record is gone, which is no refusal', async () => {
    api.store.of('transship.dev/migrations').clear();
    expect(await askingAgain()).toEqual({ answer: 'gone' });
  });
});
