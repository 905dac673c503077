import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRunning, makeScriptHost, type ScriptHost } from './script-fixture.ts';

let host: ScriptHost;

const state = () => join(host.folder, 'runc/c1/state.json');
const copy = () => join(host.folder, 'withheld/c1');
const isFIFO = async (): Promise<boolean> => (await lstat(state())).isFIFO();

beforeEach(async () => {
  host = await makeScriptHost();
  for (const folder of ['runc/c1', 'withheld/c1']) await mkdir(join(host.folder, folder), { recursive: true });
  execFileSync('mkfifo', [state()]);
  await host.write('withheld/c1/state.json', '{"id":"c1"}', 0o600);
  await host.install('transship-cgroups');
});
afterEach(() => host.close());

/** With 20 looks in a fifth of a second instead of 100 s. */
const standBy = async () => {
  const script = await readFile(await host.install('transship-release'), 'utf8');
  expect(script).toContain('pause=5\n');
  await host.write('transship-release', script.replace('pause=5\n', 'pause=0.01\n'), 0o755);
  const child = spawn('sh', [join(host.folder, 'transship-release'), state(), copy()], { stdio: 'ignore' });
  return { pid: child.pid ?? 0, ended: once(child, 'exit') };
};

/** Waits as runc does; what it has read then. */
const reader = (): Promise<string> => text(spawn('cat', [state()]).stdout);

describe('the release of held signals', () => {
  it('gives the state back when no agent is left, and hands it to whoever waits', async () => {
    const read = reader();
    const { ended } = await standBy();
    expect(await read).toBe('{"id":"c1"}');
    await ended;
    expect(await readFile(state(), 'utf8')).toBe('{"id":"c1"}');
    expect((await lstat(state())).mode & 0o777).toBe(0o600);
    expect(await host.read('withheld/c1/state.json')).toBeUndefined();
  });

  it('takes a doorbell that nobody reads for no agent', async () => {
    await host.leaveDoorbell();
    const { ended } = await standBy();
    await ended;
    expect(await isFIFO()).toBe(false);
  });

  it('leaves it to an agent that is there, and ends when that has given it back', async () => {
    await host.startAgent(undefined);
    const { pid, ended } = await standBy();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect([await isFIFO(), await isRunning(pid)]).toEqual([true, true]);
    execFileSync('mv', [join(copy(), 'state.json'), state()]);
    await ended;
  });
});
