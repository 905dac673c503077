import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/pod.ts';
import { podWith } from '../move-fixture.ts';
import { findings, ownedBy } from './finding-fixture.ts';

describe('a pod', () => {
  it.each<[string, Pod, string]>([
    [
      'of a StatefulSet that was started before Transship was there, in which a probe runs a program',
      podWith({
        metadata: ownedBy('StatefulSet'),
        spec: { containers: [{ name: 'web', image: 'web:1', livenessProbe: { exec: { command: ['ask'] } } }] },
      }),
      'SignalsNotHeld: Pod default/web-1 keeps its name when it moves, was not started under the RuntimeClass transship, and has what runs a program in it, which would wait with its signals: the livenessProbe of container web; it gets the class when it is created anew with the annotation',
    ],
    [
      'of nobody that was, in which a hook does',
      podWith({
        metadata: {
          ownerReferences: [],
          annotations: {
            'transship.dev/migrate': 'true',
            'transship.dev/hooks': '{"preMigration":{"exec":{"container":"web","command":["ask"]}}}',
          },
        },
      }),
      'SignalsNotHeld: Pod default/web-1 keeps its name when it moves, was not started under the RuntimeClass transship, and has what runs a program in it, which would wait with its signals: the hook preMigration in container web; it gets the class when it is created anew with the annotation',
    ],
    [
      'of nobody that is told to stop',
      podWith({
        metadata: { ownerReferences: [] },
        spec: {
          runtimeClassName: 'transship',
          containers: [{ name: 'web', image: 'web:1', lifecycle: { preStop: { exec: { command: ['stop'] } } } }],
        },
      }),
      'StopHookUsed: Pod default/web-1 keeps its name when it moves and has a preStop hook in container web, which the kubelet would run in the middle of the move',
    ],
  ])('%s cannot be moved', (_name, pod, expected) => {
    expect(findings(pod)).toEqual([expected]);
  });

  const probed = { exec: { command: ['ask'] } };
  it.each<[string, Pod]>([
    ['of a StatefulSet', podWith({ metadata: ownedBy('StatefulSet') })],
    ['of nobody', podWith({ metadata: { ownerReferences: [] } })],
    [
      'with a probe that asks from outside',
      podWith({
        metadata: { ownerReferences: [] },
        spec: { containers: [{ name: 'web', image: 'web:1', readinessProbe: { tcpSocket: { port: 80 } } }] },
      }),
    ],
  ])('%s that was started before Transship was there can be moved', (_name, pod) => {
    expect(findings(pod)).toEqual([]);
  });

  it('of a StatefulSet that was started under our RuntimeClass may be probed by a program', () => {
    const containers = [{ name: 'web', image: 'web:1', startupProbe: probed, livenessProbe: probed }];
    const spec = { runtimeClassName: 'transship', containers };
    expect(findings(podWith({ metadata: ownedBy('StatefulSet'), spec }))).toEqual([]);
  });
});
