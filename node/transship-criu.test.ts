import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeScriptHost, type ScriptHost } from './script-fixture.ts';

let host: ScriptHost;

beforeEach(async () => {
  host = await makeScriptHost();
  await mkdir(join(host.folder, 'bin'));
  await host.write('bin/nsenter', '#!/bin/sh\necho "$PATH ${TRANSSHIP_ENDS-none}"\necho "$@"\n', 0o755);
});
afterEach(() => host.close());

const criu = () => {
  const path = ['sockets', 'bin'].map((folder) => join(host.folder, folder)).join(':');
  const env = { PATH: `${path}:/usr/bin:/bin`, TRANSSHIP_ENDS: join(host.folder, 'ends') };
  return host.run('transship-criu', { args: ['swrk', '3'], env });
};

it('takes what the agent holds, in its container, and becomes the CRIU of the host', async () => {
  await host.write('ends', '77 /opt/ends.pl 3=200 5=201\n');
  const { code, stdout } = await criu();
  expect(code).toBe(0);
  expect(stdout).toBe(
    [
      `${host.folder}/bin:/usr/bin:/bin none\n--target 77 --mount -- /usr/bin/perl /opt/ends.pl take 77 3=200 5=201 --`,
      `/usr/bin/nsenter --mount=/proc/${String(process.pid)}/ns/mnt -- criu swrk 3\n`,
    ].join(' '),
  );
});

it('is no CRIU without them', async () => {
  const { code, stdout } = await criu();
  expect(code).not.toBe(0);
  expect(stdout).toBe('');
});
