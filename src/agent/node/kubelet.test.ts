import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { kubeletOf } from './kubelet.ts';

let processes: string;

const run = async (pid: number, name: string, startTime: number): Promise<void> => {
  await mkdir(join(processes, String(pid)));
  const fields = ['S', ...Array.from({ length: 18 }, () => '0'), String(startTime), '0'];
  await writeFile(join(processes, String(pid), 'stat'), `${pid} (${name}) ${fields.join(' ')}\n`);
};
const end = (pid: number): Promise<void> => rm(join(processes, String(pid)), { recursive: true });

beforeEach(async () => {
  processes = await mkdtemp(join(tmpdir(), 'transship-kubelet-'));
  await mkdir(join(processes, 'sys'));
  await run(1, 'init', 1);
  await run(7, 'a (b) c', 2);
});
afterEach(() => rm(processes, { recursive: true }));

it('one kubelet is the same as long as it runs', async () => {
  await run(12, 'kubelet', 100);
  const kubelet = kubeletOf(processes);
  const first = kubelet();
  expect(first).toBeDefined();
  expect(kubelet()).toBe(first);
});

it('another is told from it, even under its number', async () => {
  await run(12, 'kubelet', 100);
  const kubelet = kubeletOf(processes);
  const first = kubelet();
  await end(12);
  expect(kubelet()).toBeUndefined();
  await run(12, 'kubelet', 200);
  const second = kubelet();
  expect(second).toBeDefined();
  expect(second).not.toBe(first);
  await end(12);
  await run(13, 'kubelet', 300);
  expect(kubelet()).not.toBe(second);
});

it('where none is to be seen nothing is said', () => {
  expect(kubeletOf(processes)()).toBeUndefined();
});
