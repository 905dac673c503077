import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pod } from '../api/pod.ts';
import { incomingPodOf } from './incoming-pod.ts';
import { preparationOf } from './pod-preparation.ts';

const optIn = { 'transship.dev/migrate': 'true' };

const pod = (spec: object = {}, metadata: object = {}): Pod => {
  const object = {
    metadata: { generateName: 'redis-', annotations: optIn, ...metadata },
    spec: { containers: [{ name: 'redis' }], ...spec },
  };
  const read = incomingPodOf({ uid: 'r', namespace: 'shop', object });
  if (!read) throw new Error('the pod of this test cannot be read');
  return read;
};

const goDebug = { name: 'GODEBUG', value: 'multipathtcp=0' };

describe('a pod that opts in gets what it needs to be movable', () => {
  it('all three when it names none of them', () => {
    expect(preparationOf(pod())).toEqual({
      warnings: [],
      patch: [
        { op: 'add', path: '/spec/runtimeClassName', value: 'transship' },
        { op: 'add', path: '/spec/securityContext', value: { seccompProfile: { type: 'RuntimeDefault' } } },
        { op: 'add', path: '/spec/containers/0/env', value: [goDebug] },
      ],
    });
  });

  it('beside what its security context and its environment hold already', () => {
    const given = pod({
      runtimeClassName: 'transship',
      securityContext: { runAsUser: 7 },
      containers: [{ name: 'redis', env: [{ name: 'A' }] }],
    });
    expect(preparationOf(given).patch).toEqual([
      { op: 'add', path: '/spec/securityContext/seccompProfile', value: { type: 'RuntimeDefault' } },
      { op: 'add', path: '/spec/containers/0/env/-', value: goDebug },
    ]);
  });

  it('in sidecars too, but not in init containers that end', () => {
    const given = pod({ initContainers: [{ name: 'once' }, { name: 'always', restartPolicy: 'Always' }] });
    expect(preparationOf(given).patch?.map(({ path }) => path)).toContain('/spec/initContainers/1/env');
    expect(preparationOf(given).patch?.map(({ path }) => path)).not.toContain('/spec/initContainers/0/env');
  });
});

describe('where eviction requests are responded to, it names us as a responder', () => {
  const ours = { name: 'transship.dev/responder', priority: 20_000 };
  const another = { name: 'example.org/scaler', priority: 10_000 };
  const withResponders = (...evictionResponders: object[]): object => ({ evictionResponders });

  const responders = (given: Pod, respondsToEvictions = true): unknown[] =>
    preparationOf(given, { respondsToEvictions }).patch?.filter(({ path }) => path.includes('evictionResponders')) ??
    [];

  it.each<[string, object, object[]]>([
    ['alone', {}, [{ op: 'add', path: '/spec/evictionResponders', value: [ours] }]],
    ['beside others', withResponders(another), [{ op: 'add', path: '/spec/evictionResponders/-', value: ours }]],
    ['but not twice, whatever priority the user gave us', withResponders({ ...ours, priority: 5_000 }, another), []],
    [
      'unless it has as many as the API server takes',
      withResponders(...Array.from({ length: 10 }, (_, n) => ({ ...another, name: `example.org/${n}` }))),
      [],
    ],
    ['unless it is of a PodGroup, where the API server takes none', { schedulingGroup: { podGroupName: 'g' } }, []],
  ])('%s', (_case, spec, patch) => {
    expect(responders(pod(spec))).toEqual(patch);
  });

  it('only when it can ever be moved', () => {
    expect(responders(pod({ hostNetwork: true }))).toEqual([]);
  });

  it('and nowhere else', () => {
    expect(responders(pod(), false)).toEqual([]);
  });
});

describe('what the user set stays', () => {
  const unconfined = { seccompProfile: { type: 'Unconfined' } };
  const cases: [string, object, string][] = [
    ['a seccomp profile of the pod', { securityContext: unconfined }, '/spec/securityContext'],
    [
      'a seccomp profile of its containers',
      { containers: [{ name: 'a', securityContext: unconfined }] },
      '/spec/securityContext',
    ],
    [
      'GODEBUG',
      { containers: [{ name: 'a', env: [{ name: 'GODEBUG', value: 'http2client=0' }] }] },
      '/spec/containers',
    ],
  ];
  it.each(cases)('%s', (_case, spec, path) => {
    expect(preparationOf(pod(spec)).patch?.filter((operation) => operation.path.startsWith(path))).toEqual([]);
  });

  it('any of it, in any mixture: a patch never names a place that is there', () => {
    const profile = fc.option(fc.constant(unconfined), { nil: undefined });
    const env = fc.option(fc.array(fc.record({ name: fc.constantFrom('A', 'GODEBUG') })), { nil: undefined });
    const containers = fc.array(fc.record({ name: fc.constant('c'), securityContext: profile, env }), {
      minLength: 1,
      maxLength: 4,
    });
    const spec = fc.record({
      runtimeClassName: fc.constantFrom(undefined, 'transship', 'gvisor'),
      securityContext: profile,
      containers,
    });
    fc.assert(
      fc.property(spec, (given) => {
        for (const { path } of preparationOf(pod(given)).patch ?? []) expect(at(pod(given), path)).toBeUndefined();
      }),
    );
  });
});

const at = (object: unknown, path: string): unknown =>
  path
    .slice(1)
    .split('/')
    .reduce<unknown>((place, part) => (place as Record<string, unknown> | undefined)?.[part], object);

describe('a pod is left as it came', () => {
  const controlledBy = (kind: string): object => ({
    ownerReferences: [{ apiVersion: 'v1', kind, name: 'owner', uid: 'o', controller: true }],
  });
  const cases: [string, Pod][] = [
    ['when it did not opt in', pod({}, { annotations: {} })],
    ['when it is a target', pod({}, { annotations: { ...optIn, 'transship.dev/migration': 'm' } })],
    ['when it uses the network of its node', pod({ hostNetwork: true })],
    ['when it sees the processes of its node', pod({ hostPID: true })],
    ['when it uses a port of its node', pod({ containers: [{ name: 'a', ports: [{ hostPort: 80 }] }] })],
    ['when it is privileged', pod({ containers: [{ name: 'a', securityContext: { privileged: true } }] })],
    ['when it belongs to a DaemonSet', pod({}, controlledBy('DaemonSet'))],
    ['when it is a static pod', pod({}, controlledBy('Node'))],
    ['when it runs under another runtime', pod({ runtimeClassName: 'gvisor' })],
    ['when it is for Windows', pod({ os: { name: 'windows' } })],
  ];
  it.each(cases)('%s', (_case, given) => {
    expect(preparationOf(given)).toEqual({ warnings: [], patch: [] });
  });
});

it('warns of annotations that do not exist and of values that mean nothing', () => {
  const annotations = { 'transship.dev/migrate': 'yes', 'transship.dev/migrat': 'true', 'example.org/other': 'x' };
  expect(preparationOf(pod({}, { annotations }))).toEqual({
    patch: [],
    warnings: [
      'AnnotationMalformed: Pod shop/redis- has the annotation transship.dev/migrate: "yes"; write "true" or "false"',
      'AnnotationMalformed: Pod shop/redis- has an annotation that Transship does not know: transship.dev/migrat',
    ],
  });
});
