import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/pod.ts';
import { podWith } from '../move-fixture.ts';
import { annotated, findings, ownedBy } from './finding-fixture.ts';

describe('a pod', () => {
  it.each<[string, Pod, string]>([
    [
      'of a file on its node',
      podWith({ metadata: { ...annotated({ 'kubernetes.io/config.mirror': 'x' }), ...ownedBy('Node') } }),
      'MirrorPod: Pod default/web-1 is a static pod of its node',
    ],
    [
      'of a DaemonSet',
      podWith({ metadata: ownedBy('DaemonSet') }),
      'DaemonSetPod: Pod default/web-1 belongs to DaemonSet owner, which wants one pod on each node',
    ],
    [
      'of an owner that nobody knows',
      podWith({ metadata: ownedBy('CloneSet') }),
      'OwnerNotSupported: Pod default/web-1 belongs to CloneSet owner; supported are ReplicaSet, ReplicationController, Job, StatefulSet, and pods without an owner',
    ],
  ])('%s cannot be moved', (_name, pod, expected) => {
    expect(findings(pod)).toEqual([expected]);
  });
});
