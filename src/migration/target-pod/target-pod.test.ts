import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/pod.ts';
import { migrationWith, podWith, targetWith } from '../move-fixture.ts';
import { targetPodName } from './target-name.ts';
import { isTargetOf, lostFrom, targetPod } from './target-pod.ts';

const made = (source: Pod = podWith(), spec = {}) => targetPod(source, migrationWith({}, spec));
const digest = `sha256:${'a'.repeat(64)}`;
const running = (imageID: string) => ({
  containerStatuses: [{ name: 'web', image: 'web:1', imageID, ready: true, restartCount: 0 }],
});

describe('the target of a move', () => {
  it('is marked, scheduled and started by us', () => {
    const { metadata, spec } = made();
    expect(metadata).toMatchObject({
      name: 'web-1-m3fa9c2',
      namespace: 'default',
      annotations: { 'transship.dev/migration': 'move', 'transship.dev/migrate': 'true' },
    });
    expect(spec).toMatchObject({ runtimeClassName: 'transship', schedulerName: 'transship', hostname: 'web-1' });
    expect(spec.containers[0]?.env).toEqual([
      { name: 'TRANSSHIP_MIGRATION', value: '3fa9c2d1-0000-4000-8000-000000000003' },
    ]);
    expect(spec.nodeName).toBeUndefined();
  });

  it("is not yet its owner's: without the label that the ReplicaSet needs", () => {
    expect(made().metadata.labels).toEqual({ app: 'web', 'transship.dev/target': 'move' });
    expect('ownerReferences' in made().metadata).toBe(false);
  });

  it('has none of the labels when it is not known which of them the owner selects by', () => {
    expect(made(podWith({ metadata: { labels: { app: 'web' } } })).metadata.labels).toEqual({
      'transship.dev/target': 'move',
    });
  });

  it('keeps what this program does not know, and changes nothing of the source', () => {
    const source = podWith({
      spec: {
        newField: { a: [1] },
        containers: [{ name: 'web', image: 'web:1', lifecycle: { x: 1 }, env: [{ name: 'A', value: '1' }] }],
      },
    });
    const before = structuredClone(source);
    const { spec } = made(source);
    expect(spec['newField']).toEqual({ a: [1] });
    expect(spec.containers[0]).toMatchObject({
      lifecycle: { x: 1 },
      env: [{ name: 'TRANSSHIP_MIGRATION' }, { name: 'A', value: '1' }],
    });
    expect(source).toEqual(before);
  });

  describe('has the same network files as its source', () => {
    const resolver = {
      nameservers: ['10.96.0.10'],
      searches: ['default.svc.cluster.local'],
      options: [{ name: 'rotate' }],
    };
    const moved = (spec: object) =>
      targetPod(podWith({ spec }), migrationWith({ source: { nodeName: 'n1', podUID: 'u', resolver } })).spec;

    /** What the kubelet makes /etc/hosts and the host name of, beside the address (kubernetes, pkg/kubelet/kubelet_pods.go: ensureHostsFile). */
    it.each<[string, object]>([
      ['a host name and a subdomain', { hostname: 'db-0', subdomain: 'db' }],
      ['a full name as host name', { hostname: 'db-0', subdomain: 'db', setHostnameAsFQDN: true }],
      ['a host name that is told to nobody else', { hostname: 'db-0', hostnameOverride: 'other' }],
      ['names of its own', { hostname: 'db-0', hostAliases: [{ ip: '10.1.2.3', hostnames: ['a', 'b'] }] }],
    ])('with %s', (_what, spec) => {
      expect(moved(spec)).toMatchObject(spec);
    });

    it('with the host name that its kubelet made of its name, of which 63 characters fit', () => {
      const name = `${'x'.repeat(62)}-web-1`;
      expect(targetPod(podWith({ metadata: { name } }), migrationWith({})).spec.hostname).toBe('x'.repeat(62));
    });

    it('with what is in resolv.conf, whatever the other kubelet would write there', () => {
      expect(moved({ dnsPolicy: 'ClusterFirst' })).toMatchObject({ dnsPolicy: 'None', dnsConfig: resolver });
      const own = { dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'] } };
      expect(moved(own)).toMatchObject(own);
    });

    it('also the second time, when it is the source', () => {
      const first = moved({ dnsPolicy: 'ClusterFirst', dnsConfig: { options: [{ name: 'rotate' }] } });
      expect(first['dnsConfig']).toEqual(resolver);
      expect(moved(first)).toMatchObject({ dnsPolicy: 'None', dnsConfig: resolver });
    });
  });

  it('costs as much to delete as its user has said of the source', () => {
    const annotations = { 'controller.kubernetes.io/pod-deletion-cost': '5' };
    expect(made(podWith({ metadata: { annotations } })).metadata.annotations).toMatchObject(annotations);
  });

  it('leaves behind what belongs to the old pod or is computed anew', () => {
    const source = podWith({
      metadata: {
        annotations: {
          'transship.dev/migrate': 'true',
          'kubectl.kubernetes.io/last-applied-configuration': '{}',
          'controller.kubernetes.io/pod-deletion-cost': '-2147483647',
          'transship.dev/moved-from': 'n0',
          'cni.projectcalico.org/podIP': '10.0.0.1',
          'k8s.v1.cni.cncf.io/network-status': '[]',
          'prometheus.io/scrape': 'true',
        },
      },
      spec: {
        serviceAccount: 'a',
        serviceAccountName: 'a',
        priority: 5,
        preemptionPolicy: 'Never',
        priorityClassName: 'high',
        overhead: { cpu: '1' },
        tolerations: [{ key: 'x' }],
        initContainers: [{ name: 'setup' }],
        ephemeralContainers: [],
        volumes: [
          { name: 'kube-api-access-x7', projected: {} },
          { name: 'data', emptyDir: {} },
        ],
        containers: [{ name: 'web', image: 'web:1', volumeMounts: [{ name: 'kube-api-access-x7' }, { name: 'data' }] }],
      },
    });
    const { metadata, spec } = made(source);
    expect(Object.keys(metadata.annotations).sort()).toEqual([
      'prometheus.io/scrape',
      'transship.dev/adoption',
      'transship.dev/migrate',
      'transship.dev/migration',
    ]);
    for (const gone of [
      'serviceAccount',
      'priority',
      'preemptionPolicy',
      'overhead',
      'initContainers',
      'ephemeralContainers',
    ])
      expect(spec).not.toHaveProperty(gone);
    expect(spec).toMatchObject({
      serviceAccountName: 'a',
      priorityClassName: 'high',
      tolerations: [{ key: 'x' }],
      volumes: [{ name: 'data' }],
    });
    expect(spec.containers[0]?.['volumeMounts']).toEqual([{ name: 'data' }]);
  });

  it.each([
    ['the digest that containerd names', `docker.io/library/web@${digest}`, `docker.io/library/web@${digest}`],
    ['the digest that cri-dockerd names', `docker-pullable://web@${digest}`, `web@${digest}`],
    ['the tag of an image that no registry knows', digest, 'web:1'],
    ['the tag of an image of Docker without a digest', `docker://${digest}`, 'web:1'],
  ])('runs %s', (_name, imageID, expected) => {
    expect(made(podWith({ status: running(imageID) })).spec.containers[0]).toMatchObject({
      image: expected,
      imagePullPolicy: 'IfNotPresent',
    });
  });

  it('lets no node pull what the source let none pull', () => {
    const container = { name: 'web', image: 'web:1', imagePullPolicy: 'Never' };
    expect(made(podWith({ spec: { containers: [container] } })).spec.containers[0]?.imagePullPolicy).toBe('Never');
  });

  it('moves again: with one marker, one suffix and the first host name', () => {
    const moved = targetWith({ spec: { hostname: 'web-1' } });
    const again = migrationWith(
      {},
      { podName: moved.metadata.name },
      { uid: '71b0de00-0000-4000-8000-000000000009', name: 'again' },
    );
    const { metadata, spec } = targetPod(moved, again);
    expect(metadata.name).toBe('web-1-m71b0de');
    expect(spec.hostname).toBe('web-1');
    expect(spec.containers[0]?.env).toEqual([{ name: 'TRANSSHIP_MIGRATION', value: again.metadata.uid }]);
  });

  it("has a name and a label that the API server takes, however long the source's", () => {
    const long = migrationWith(
      {},
      { podName: `${'a'.repeat(55)}-${'b'.repeat(100)}` },
      { name: `${'m'.repeat(62)}-.x` },
    );
    expect(targetPodName(long)).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
    expect(targetPod(podWith(), long).metadata.labels['transship.dev/target']).toBe('m'.repeat(62));
  });

  it('keeps its affinity as it is, also when the Migration names a node', () => {
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{}] } } };
    expect(made(podWith({ spec: { affinity } }), { targetNodeName: 'n2' }).spec['affinity']).toEqual(affinity);
  });

  it('drops keys that the API server has merged into selectors already', () => {
    const topologySpreadConstraints = [
      { maxSkew: 1, labelSelector: { matchLabels: { app: 'web' } }, matchLabelKeys: ['pod-template-hash'] },
    ];
    expect(made(podWith({ spec: { topologySpreadConstraints } })).spec['topologySpreadConstraints']).toEqual([
      { maxSkew: 1, labelSelector: { matchLabels: { app: 'web' } } },
    ]);
  });
});

describe('a pod that came back from the API server', () => {
  it('is known as ours by any mark that is left', () => {
    expect(isTargetOf(targetWith(), migrationWith())).toBe(true);
    expect(isTargetOf(targetWith({ metadata: { labels: {}, annotations: {} } }), migrationWith())).toBe(true);
    expect(isTargetOf(podWith(), migrationWith())).toBe(false);
  });

  it('has lost what another webhook took from it', () => {
    expect(lostFrom(targetWith(), migrationWith())).toEqual([]);
    expect(
      lostFrom(
        targetWith({ spec: { containers: [{ name: 'web' }, { name: 'injected' }], schedulerName: 'other' } }),
        migrationWith(),
      ),
    ).toEqual(['the environment variable TRANSSHIP_MIGRATION', 'the scheduler transship']);
  });
});
