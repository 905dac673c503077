import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/pod.ts';
import { podWith } from '../move-fixture.ts';
import { findings, ownedBy } from './finding-fixture.ts';

describe('a pod', () => {
  it.each<[string, Pod, string]>([
    [
      'of a StatefulSet that was started before Transship was there',
      podWith({ metadata: ownedBy('StatefulSet') }),
      'SignalsNotHeld: Pod default/web-1 keeps its name when it moves and was not started under the RuntimeClass transship; it gets the class when it is created anew with the annotation',
    ],
    [
      'of nobody that was started before Transship was there',
      podWith({ metadata: { ownerReferences: [] } }),
      'SignalsNotHeld: Pod default/web-1 keeps its name when it moves and was not started under the RuntimeClass transship; it gets the class when it is created anew with the annotation',
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
});
