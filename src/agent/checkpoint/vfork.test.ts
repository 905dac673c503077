import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { vforkingOf } from './vfork.ts';

let proc: string;
beforeEach(async () => {
  proc = await mkdtemp(join(tmpdir(), 'transship-proc-'));
});
afterEach(() => rm(proc, { recursive: true }));

const processWith = async (pid: number, ...wchans: readonly string[]): Promise<void> => {
  for (const [i, wchan] of wchans.entries()) {
    const task = join(proc, String(pid), 'task', String(pid + i));
    await mkdir(task, { recursive: true });
    await writeFile(join(task, 'wchan'), wchan);
  }
};

it.each<[string, readonly string[], readonly number[]]>([
  ['none that sleeps otherwise', ['hrtimer_nanosleep', 'do_freezer_trap'], []],
  ['none where the kernel does not say', ['0'], []],
  ['one that has vforked', ['kernel_clone'], [70]],
  ['one that has vforked in one of its threads', ['futex_wait_queue', 'wait_for_vfork_done'], [70]],
  ['one that has vforked under an older kernel', ['_do_fork\n'], [70]],
])('finds %s', async (_what, wchans, expected) => {
  await processWith(70, ...wchans);
  await processWith(80, 'do_freezer_trap');
  expect(vforkingOf([70, 80, 90], proc)).toEqual(expected);
});
