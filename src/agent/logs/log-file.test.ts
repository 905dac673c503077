import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { comingLog, shownLog } from './log-file.ts';

const pod = { namespace: 'shop', name: 'web-1', uid: 'u1' };

let host: string;
let folder: string;
const located = (path: string) => (path.startsWith(host) ? path : join(host, path));

beforeEach(async () => {
  host = await mkdtemp(join(tmpdir(), 'transship-host-'));
  folder = join(host, 'var/log/pods/shop_web-1_u1/web');
  await mkdir(folder, { recursive: true });
});
afterEach(() => rm(host, { recursive: true }));

describe('the log that a kubelet shows', () => {
  it('is that of the last start', async () => {
    for (const name of ['0.log', '2.log', '10.log', '10.log.20260101-000000', 'other'])
      await writeFile(join(folder, name), '');
    expect(await shownLog(pod, 'web', located)).toEqual({ path: join(folder, '10.log'), format: 'cri' });
  });

  it('is the file of the engine under Docker', async () => {
    const path = join(host, 'containers/c1/c1-json.log');
    await symlink(path, join(folder, '0.log'));
    expect(await shownLog(pod, 'web', located)).toEqual({ path, format: 'json-file' });
  });

  it.each(['none', 'web2'])('is not there of a container %s', async (container) => {
    expect(await shownLog(pod, container, located)).toBeUndefined();
  });
});

describe('the log of a container that is being started', () => {
  it('is known under Docker by the folder of its sandbox', async () => {
    const sandbox = 'a'.repeat(64);
    const mounts = [
      { destination: '/etc/hosts', source: '/var/lib/kubelet/pods/u1/etc-hosts' },
      { destination: '/etc/resolv.conf', source: `/data/docker/containers/${sandbox}/resolv.conf` },
    ];
    await writeFile(join(host, 'config.json'), JSON.stringify({ mounts }));
    expect(await comingLog(pod, { name: 'web', id: 'c2', bundle: host }, located)).toEqual({
      path: join(host, 'data/docker/containers/c2/c2-json.log'),
      format: 'json-file',
    });
  });
});
