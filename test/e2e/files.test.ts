import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubectl } from '../cluster/kubectl.ts';
import { movedTo } from '../cluster/moved.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { startingOn } from '../cluster/nodes.ts';
import { deployRedis, type PodView } from '../cluster/redis.ts';

const namespace = 'e2e-files';
const name = 'redis';

/** What a program may do to the files of its image. */
const changes = `set -e
rm -r /etc/default && mkdir /etc/default && echo own > /etc/default/made-anew
rm -r /etc/cron.daily
rm -r /etc/init.d && echo file > /etc/init.d
rm -r /etc/logrotate.d && ln -s /etc /etc/logrotate.d
rm /etc/host.conf && mkdir /etc/host.conf && echo x > /etc/host.conf/passwd
rm /etc/debian_version
echo more >> /etc/passwd
mkdir -p /etc/new/deep && echo x > /etc/new/deep/file
mv /etc/issue /etc/new/issue
ln -s /etc/new /etc/link
echo odd > "$(printf '/etc/new/\\377\\376 not UTF-8')"
mkdir /dev/shm/own && echo shared > /dev/shm/own/file
mkdir /part/own && echo part > /part/own/file`;

/** Everything below three folders with kind, mode, owner and content, but what the runtimes put there. */
const list = `find /etc /dev/shm /part ! -name hosts ! -name hostname ! -name resolv.conf ! -name mtab \\
  \\( -type f -exec sha256sum {} \\; -o ! -type f -printf '%y %p %l\\n' \\) -printf '  %m %U:%G %p\\n' | LC_ALL=C sort`;

const inside = (pod: PodView, script: string): Promise<string> =>
  kubectl('exec', '-n', namespace, pod.metadata.name, '--', 'sh', '-c', script);

let pod: PodView;
let before: string;

beforeAll(async () => {
  await freshNamespace(namespace);
  const spec = { affinity: startingOn('n1', 'n3'), volumes: [{ name: 'volume', emptyDir: {} }] };
  const container = { volumeMounts: [{ name: 'volume', mountPath: '/part', subPath: 'deep/part' }] };
  pod = (await deployRedis({ namespace, name, startOn: 'n1', spec, container }, [])).pod;
  await inside(pod, changes);
  before = await inside(pod, list);
});

afterAll(() => removeNamespace(namespace));

describe('files that a container has changed, deleted and replaced, in its image and in a part of a volume,', () => {
  it.each([
    ['from containerd to Docker', 'n3'],
    ['from Docker to containerd', 'n1'],
  ])('are as it left them after a move %s', async (_route, to) => {
    expect(before).toContain('/etc/default/made-anew');
    expect(before).toContain('/dev/shm/own/file');
    expect(before).toContain('/part/own/file');
    pod = await movedTo(pod, name, to);
    expect((await inside(pod, list)).split('\n')).toEqual(before.split('\n'));
  });
});
