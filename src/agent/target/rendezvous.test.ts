import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRendezvous, type Rendezvous } from './rendezvous.ts';

const never = new AbortController().signal;
const image = () => ({ path: '/images/one', logs: folder });
const given = new Error('the move was taken back');

let folder: string;
let wrapper: ChildProcess;
let rendezvous: Rendezvous;

/** A wrapper as far as its FIFOs go: it hears its verdict, and does then what its input says. */
const script =
  'mkfifo "$1" "$1.life" && exec 4<>"$1" 5<>"$1.life" && echo ready; read -r _ <&4; read -r _ <&4; read -r word; eval "$word"';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transship-rendezvous-'));
  const path = join(folder, 'reply');
  wrapper = spawn('sh', ['-c', script, 'wrapper', path]);
  await once(wrapper.stdout ?? wrapper, 'data');
  rendezvous = openRendezvous(path, 'c0ffee');
});
afterEach(async () => {
  await rendezvous.close();
  wrapper.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

const isPending = async (promise: Promise<unknown>): Promise<boolean> =>
  (await Promise.race([promise, new Promise((resolve) => setTimeout(resolve, 50, 'pending'))])) === 'pending';

/** Tells the wrapper to restore, and takes that back at once. */
const takeBack = async (): Promise<void> => {
  const move = new AbortController();
  const restoring = rendezvous.restore(image(), move.signal);
  move.abort(given);
  await expect(restoring).rejects.toBe(given);
};

describe('a rendezvous', () => {
  it('is settled while nobody has been told to restore', async () => {
    await rendezvous.settled(never);
  });

  it.each<[string, string]>([
    ['says what became of it', 'echo restored 1 >&5; sleep 10\n'],
    ['ends without a word', 'exit 1\n'],
  ])('whose restore was taken back is settled when the wrapper %s', async (_what, words) => {
    await takeBack();
    const settled = rendezvous.settled(never);
    expect(await isPending(settled)).toBe(true);
    wrapper.stdin?.write(words);
    await settled;
  });

  it('waits for that no longer than it may', async () => {
    await takeBack();
    const late = new Error('too late');
    await expect(rendezvous.settled(AbortSignal.abort(late))).rejects.toBe(late);
  });
});

describe('a rendezvous of a container that something stands in for', () => {
  const restoring = () => {
    rendezvous.standIn();
    return rendezvous.restore(image(), never);
  };

  it('is restored when runc has written down its process', async () => {
    const restored = restoring();
    expect(await isPending(restored)).toBe(true);
    await writeFile(join(folder, '.pid'), '77');
    await rename(join(folder, '.pid'), join(folder, 'pid'));
    expect(await restored).toBe(0);
    await rendezvous.settled(never);
  });

  it('is not restored when runc ends instead', async () => {
    const restored = restoring();
    wrapper.stdin?.write('exit 1\n');
    expect(await restored).toBe(1);
    expect(rendezvous.lost.aborted).toBe(false);
  });

  it('is lost when what stands in ends before', async () => {
    rendezvous.standIn();
    wrapper.kill('SIGKILL');
    await once(rendezvous.lost, 'abort');
  });
});
