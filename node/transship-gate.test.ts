import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRunning, makeScriptHost, type ScriptHost } from './script-fixture.ts';

let host: ScriptHost;
let holder: ChildProcess;

/** Asks CRIU for its version as runc does, and then opens the folder of the image and lets CRIU work. */
const runc = `#!/bin/sh
criu swrk version
exec 3<"$3"
criu swrk dump
echo "ended $?"`;

beforeEach(async () => {
  host = await makeScriptHost();
  for (const folder of ['gate', 'bin', 'image']) await mkdir(join(host.folder, folder));
  // As it is installed: the kernel calls a script by the name of its file (comm), so this one has CRIU's own.
  await copyFile(await host.install('transship-gate'), join(host.folder, 'gate', 'criu'));
  await host.write('bin/criu', '#!/bin/sh\necho "$* ${TRANSSHIP_GATE-none} $PATH" >>"${0%/bin/criu}/called"\n', 0o755);
  await host.write('runc', runc, 0o755);
  const fifo = join(host.folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  // Says what it is told, and holds the gate for as long as it lives.
  holder = spawn('sh', ['-c', 'exec 4<>"$0"; echo ready; while read -r word; do echo "$word" >&4; done', fifo]);
  await once(holder.stdout!, 'data');
});
afterEach(async () => {
  holder.kill('SIGKILL');
  await host.close();
});

const begin = () => {
  const path = ['gate', 'bin'].map((folder) => join(host.folder, folder)).join(':');
  const child = spawn(join(host.folder, 'runc'), ['checkpoint', '--image-path', join(host.folder, 'image'), 'c1'], {
    env: { PATH: `${path}:/usr/bin:/bin`, TRANSSHIP_GATE: `/proc/${String(holder.pid)}/fd/4` },
    detached: true, // in a group of its own, as the guard starts it
  });
  return { said: text(child.stdout) };
};

const called = () => host.read('called');
const asCalled = (what: string) => `swrk ${what} none ${host.folder}/bin:/usr/bin:/bin\n`;

describe('the gate before CRIU', () => {
  it('lets a question for the version pass, and waits with the work until it is told to go', async () => {
    const { said } = begin();
    await expect.poll(called).toBe(asCalled('version'));
    holder.stdin!.write('go\n');
    expect(await said).toBe('ended 0\n');
    expect(await called()).toBe(asCalled('version') + asCalled('dump'));
  });

  it.each<[string, () => void]>([
    ['whoever holds it is no more', () => holder.kill('SIGKILL')],
    ['it is told anything else', () => holder.stdin!.write('no\n')],
  ])('lets nothing begin when %s', async (_when, end) => {
    const { said } = begin();
    await expect.poll(called).toBe(asCalled('version'));
    end();
    expect(await said).toBe('ended 1\n');
    expect(await called()).toBe(asCalled('version'));
  });

  it('ends what a CRIU that is killed has started to help it', async () => {
    await host.write(
      'bin/criu',
      '#!/bin/sh\n[ "$1 $2" = "swrk version" ] && exit\n"$0-helper" &\nuntil [ -e "${0%/bin/criu}/helper" ]; do sleep 0.01; done\nkill -s KILL $$\n',
      0o755,
    );
    await host.write(
      'bin/criu-helper',
      '#!/bin/sh\nprintf criu >/proc/$$/comm\necho $$ >"${0%/bin/criu-helper}/helper"\nwhile :; do sleep 0.05; done\n',
      0o755,
    );
    const { said } = begin();
    holder.stdin!.write('go\n');
    expect(await said).toBe('ended 137\n');
    const helper = Number(await host.read('helper'));
    await expect.poll(() => isRunning(helper)).toBe(false);
  });

  it('does not wait for a holder that was gone before', async () => {
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await begin().said).toBe('ended 1\n');
  });
});
