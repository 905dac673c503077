import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployPod } from '../cluster/deployment.ts';
import { apply, getJson, kubectl } from '../cluster/kubectl.ts';
import { expectSuccess, overMove, requestMove } from '../cluster/migrations.ts';
import { removeNamespace } from '../cluster/namespaces.ts';
import { type PodView, readyPod } from '../cluster/redis.ts';

/* What the kubelet of each node makes anew for a pod: ConfigMaps, Secrets, tokens, the downward API. */

const namespace = 'e2e-volume-files';
const name = 'reader';
const configuration = { configMap: { name: 'web' } };

const container = (script: string, volumeMounts: readonly object[]) => ({
  name: 'reader',
  image: 'docker.io/local/node:1',
  imagePullPolicy: 'IfNotPresent',
  command: ['node', '-e', `const fs = require('node:fs'); setInterval(() => {}, 1000);\n${script}`],
  volumeMounts,
});

/** Answers on a port of the pod with what it reads by a descriptor that it has opened at its start, and by name. */
const reading = `
const alone = fs.openSync('/etc/alone.conf', 'r');
const ask = () => [
  fs.readSync(alone, Buffer.alloc(99), 0, 99, 0),
  fs.readFileSync('/etc/web/web.conf', 'utf8'),
  fs.readFileSync('/etc/key/key', 'utf8'),
  fs.readFileSync('/etc/labels/labels', 'utf8'),
  fs.readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/token', 'utf8').split('.')[1],
];
fs.watch('/etc/web', () => {});
require('node:http').createServer((_, response) => response.end(JSON.stringify(ask()))).listen(8080);`;

const fetched = "fetch('http://127.0.0.1:8080').then((r) => r.text()).then(console.log)";

interface Seen {
  readonly read: readonly (string | number)[];
  readonly tokenOf: string;
}

const seenBy = async ({ metadata }: PodView): Promise<Seen> => {
  const said = await kubectl('exec', '-n', namespace, metadata.name, '--', 'node', '-e', fetched);
  const values = JSON.parse(said) as readonly (string | number)[];
  const claims = JSON.parse(Buffer.from(String(values.at(-1)), 'base64url').toString()) as {
    readonly 'kubernetes.io': { readonly pod: { readonly name: string } };
  };
  return { read: values.slice(0, -1), tokenOf: claims['kubernetes.io'].pod.name };
};

/** Pods that cannot be moved, by what they hold. */
const held = [
  {
    what: 'a descriptor of a ConfigMap',
    script: "fs.openSync('/etc/web/web.conf', 'r')",
    volume: configuration,
    mount: { mountPath: '/etc/web' },
    reason: 'VolumeFileOpen',
    words: 'open, mapped or as its folder, which the target has under another name',
  },
  {
    what: 'a descriptor of its token',
    script: "fs.openSync('/var/run/secrets/kubernetes.io/serviceaccount/token', 'r')",
    volume: { emptyDir: {} },
    mount: { mountPath: '/data' },
    reason: 'VolumeFileOpen',
    words: '/serviceaccount/..2',
  },
  {
    what: 'a watch on a file of a Secret',
    script: "fs.watch('/etc/key/key', () => {})",
    volume: { secret: { secretName: 'key' } },
    mount: { mountPath: '/etc/key' },
    reason: 'VolumeFileOpen',
    words: 'watches a file of the volume secret/held/key',
  },
  {
    what: 'a large deleted file',
    script: "const fd = fs.openSync('/data/gone', 'w+'); fs.ftruncateSync(fd, 65 << 20); fs.unlinkSync('/data/gone')",
    volume: { emptyDir: {} },
    mount: { mountPath: '/data' },
    reason: 'DeletedFileOpen',
    words: 'holds /data/gone, which has been deleted and has 65 MiB',
  },
  {
    what: 'a file that has lost one of its names',
    script: "fs.openSync('/data/a', 'w'); fs.linkSync('/data/a', '/data/b'); fs.unlinkSync('/data/a')",
    volume: { emptyDir: {} },
    mount: { mountPath: '/data' },
    reason: 'DeletedFileOpen',
    words: 'holds /data/a, which has been deleted and still has another name',
  },
  {
    what: 'a single file of an emptyDir',
    script: '',
    volume: { emptyDir: {} },
    mount: { mountPath: '/etc/single.conf', subPath: 'single.conf' },
    reason: 'SubPathIsFile',
    words: 'mounts a single file of emptyDir held at /etc/single.conf (subPath)',
  },
];

const podHolding = (index: number) => {
  const { script, volume, mount } = held[index]!;
  const maker = { ...container('', [{ name: 'held', mountPath: '/made' }]), name: 'maker' };
  const command = ['sh', '-c', 'test ! -w /made || echo made >/made/single.conf'];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name: `held-${String(index)}`, annotations: { 'transship.dev/migrate': 'true' } },
    spec: {
      terminationGracePeriodSeconds: 1,
      nodeName: index % 2 === 0 ? 'n1' : 'n3',
      initContainers: [{ ...maker, command }],
      containers: [container(script, [{ name: 'held', ...mount }])],
      volumes: [{ name: 'held', ...volume }],
    },
  };
};

const beside = [
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name: 'web' }, data: { 'web.conf': 'listen 80' } },
  { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name: 'key' }, stringData: { key: 'word' } },
];

let pod: PodView;

beforeAll(async () => {
  const volumes = [
    { name: 'web', ...configuration },
    { name: 'key', secret: { secretName: 'key' } },
    { name: 'labels', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
  ];
  const mounts = [
    { name: 'web', mountPath: '/etc/web' },
    { name: 'web', mountPath: '/etc/alone.conf', subPath: 'web.conf' },
    { name: 'key', mountPath: '/etc/key' },
    { name: 'labels', mountPath: '/etc/labels' },
  ];
  const probe = { readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 } };
  const spec = { containers: [{ ...container(reading, mounts), ...probe }], volumes };
  pod = await deployPod({ namespace, name, nodes: ['n1', 'n3'], beside }, spec);
  await apply(...held.map((_, index) => podHolding(index)));
});

afterAll(() => removeNamespace(namespace));

describe('a pod that reads its configuration, its secret and its token', () => {
  it.each([
    ['from containerd to Docker', 'n3'],
    ['from Docker to containerd', 'n1'],
  ])('reads them after a move %s, and has a token of its own', async (_route, to) => {
    expect(await seenBy(pod)).toEqual({
      read: [9, 'listen 80', 'word', namespace],
      tokenOf: pod.metadata.name,
    });
    await requestMove(namespace, `to-${to}`, { podName: pod.metadata.name, targetNodeName: to });
    expectSuccess(await overMove(namespace, `to-${to}`));
    const before = pod.metadata.name;
    pod = await readyPod({ namespace, name }, to);
    expect(pod.metadata.name).not.toBe(before);
    expect(await seenBy(pod)).toEqual({
      read: [9, 'listen 80', 'word', namespace],
      tokenOf: pod.metadata.name,
    });
  });
});

describe('a pod that holds', () => {
  it.each(held.map(({ what, reason, words }, index) => ({ what, reason, words, podName: `held-${String(index)}` })))(
    '$what is refused by name, and runs on',
    async ({ reason, words, podName }) => {
      await kubectl('wait', `pod/${podName}`, '-n', namespace, '--for=condition=Ready', '--timeout=60s');
      const { metadata } = await getJson<PodView>('pod', podName, '-n', namespace);
      await requestMove(namespace, podName, { podName });
      const move = await overMove(namespace, podName);
      expect(move.status).toMatchObject({ phase: 'Failed', reason });
      expect(move.status?.message).toContain(words);
      const after = await getJson<PodView>('pod', podName, '-n', namespace);
      expect(after.metadata.uid).toBe(metadata.uid);
      expect(after.status.containerStatuses?.map(({ restartCount }) => restartCount)).toEqual([0]);
    },
  );
});
