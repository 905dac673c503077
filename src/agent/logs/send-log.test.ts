import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../log/log.ts';
import { asExpected } from '../transfer/channel.ts';
import { openPair } from '../transfer/pair-fixture.ts';
import { receiveLog } from './receive-log.ts';
import { beginningOf, openLogSync } from './send-log.ts';

const never = new AbortController().signal;
const line = (text: string) => `2026-01-01T00:00:00Z stdout F ${text}\n`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transship-logs-'));
  await writeFile(from(), '');
  await writeFile(to(), '');
});
afterEach(() => rm(folder, { recursive: true }));

const from = () => join(folder, '0.log');
const to = () => join(folder, 'target.log');

/** A source and a target of one container; each pass is awaited on both sides. */
const moving = () => {
  const { source, target } = openPair();
  const sync = openLogSync(source, [{ container: 'web', file: { path: from(), format: 'cri' } }], silentLog);
  const receive = async (): Promise<void> => {
    const message = asExpected(await target.next(never), 'log');
    await receiveLog(target, { path: to(), format: 'cri' }, message, { log: silentLog, signal: never });
  };
  return {
    source,
    target,
    quiet: () => sync.pass(never),
    pass: async () => {
      await Promise.all([sync.pass(never), receive()]);
      return readFile(to(), 'utf8');
    },
  };
};

describe('the log of a container', () => {
  it('arrives, and later what was added to it', async () => {
    const { pass } = moving();
    await writeFile(from(), line('one') + line('two'));
    expect(await pass()).toBe(line('one') + line('two'));
    await appendFile(from(), line('three'));
    expect(await pass()).toBe(line('one') + line('two') + line('three'));
  });

  it('arrives in whole lines', async () => {
    const { pass } = moving();
    await writeFile(from(), `${line('one')}2026-01-01T00:00:00Z stdo`);
    expect(await pass()).toBe(line('one'));
    await appendFile(from(), 'ut F two\n');
    expect(await pass()).toBe(line('one') + line('two'));
  });

  it('goes on in a new file when the old one was rotated away', async () => {
    const { pass } = moving();
    await writeFile(from(), line('one') + line('two'));
    await pass();
    await truncate(from(), 0);
    await appendFile(from(), line('3'));
    expect(await pass()).toBe(line('one') + line('two') + line('3'));
  });

  it('takes the place of what an attempt before has left', async () => {
    await writeFile(to(), line('of an attempt before'));
    await writeFile(from(), line('one'));
    expect(await moving().pass()).toBe(line('one'));
  });

  it('is not spoken of where there is nothing new, or it cannot be read', async () => {
    const { quiet, source, target } = moving();
    await quiet();
    await rm(from());
    await quiet();
    await source.say({ say: 'held' });
    expect(await target.next(never)).toMatchObject({ message: { say: 'held' } });
  });
});

it.each([
  ['the first time from its beginning', undefined, 1_000, 0],
  ['the first time no more than a kubelet keeps', undefined, 11 * 2 ** 20, 2 ** 20],
  ['then from where the last pass ended', 500, 1_000, 500],
  ['from the beginning of a file that is shorter', 500, 100, 0],
])('a log is read %s', (_how, offset, size, expected) => {
  expect(beginningOf(offset, size)).toBe(expected);
});
