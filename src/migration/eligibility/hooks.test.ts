import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/pod.ts';
import { podWith } from '../move-fixture.ts';
import { annotated, findings } from './finding-fixture.ts';

describe('a pod', () => {
  it.each<[string, Pod, string]>([
    [
      'whose hooks are not written as hooks are',
      podWith({ metadata: annotated({ 'transship.dev/hooks': '{"preFreeze":{},"postFreeze":{}}' }) }),
      'HookMalformed: Pod default/web-1 has the annotation transship.dev/hooks, which says what is no hook: preFreeze: name either exec or httpPost; Unrecognized key: "postFreeze"',
    ],
    [
      'that has a hook in a container that has ended before those that run',
      podWith({
        metadata: annotated({ 'transship.dev/hooks': '{"preFreeze":{"exec":{"container":"setup","command":["/x"]}}}' }),
        spec: { initContainers: [{ name: 'setup', image: 'x' }] },
      }),
      'HookMalformed: Pod default/web-1 does not have the container of a hook: preFreeze of the pod in container setup',
    ],
    [
      'that has a hook in a container that it does not have',
      podWith({
        metadata: annotated({
          'transship.dev/hooks': '{"onRollback":{"exec":{"container":"sidecar","command":["/x"]}}}',
        }),
      }),
      'HookMalformed: Pod default/web-1 does not have the container of a hook: onRollback of the pod in container sidecar',
    ],
  ])('%s cannot be moved', (_name, pod, expected) => {
    expect(findings(pod)).toEqual([expected]);
  });
});
