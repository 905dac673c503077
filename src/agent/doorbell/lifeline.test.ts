import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdLifeline, type Lifeline } from './lifeline.ts';

let folder: string;
let path: string;
let heard: string[];
let script: ChildProcess | undefined;
let life: Lifeline | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transship-lifeline-'));
  path = join(folder, 'life');
  heard = [];
  script = life = undefined;
});
afterEach(async () => {
  life?.close();
  script?.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

/** A script that holds the FIFO and does what it is told on its input. */
const startScript = async (): Promise<ChildProcess> => {
  script = spawn('sh', ['-c', 'mkfifo "$1" && exec 5<>"$1" && echo ready; read -r word; eval "$word"', 'script', path]);
  await once(script.stdout ?? script, 'data');
  return script;
};

const hold = (): Lifeline =>
  (life = holdLifeline(path, { onLine: (line) => heard.push(line), onEnd: () => heard.push('(end)') }));

describe('a lifeline', () => {
  it('tells nothing of a script that lives', async () => {
    await startScript();
    hold();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(heard).toEqual([]);
  });

  it('tells that a script was killed', async () => {
    const child = await startScript();
    hold();
    child.kill('SIGKILL');
    await expect.poll(() => heard).toEqual(['(end)']);
  });

  it('tells the last words of a script that ends right after them', async () => {
    const child = await startScript();
    hold();
    child.stdin?.end('echo restored 0 >&5\n');
    await expect.poll(() => heard).toEqual(['restored 0', '(end)']);
  });

  it('tells that a script had been killed before', async () => {
    const child = await startScript();
    child.kill('SIGKILL');
    await once(child, 'exit');
    hold();
    await expect.poll(() => heard).toEqual(['(end)']);
  });

  it('tells that a script had ended before and had taken the FIFO away', async () => {
    hold();
    await expect.poll(() => heard).toEqual(['(end)']);
  });

  it('tells nothing once it has been closed', async () => {
    const child = await startScript();
    hold().close();
    child.kill('SIGKILL');
    await once(child, 'exit');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(heard).toEqual([]);
  });
});
