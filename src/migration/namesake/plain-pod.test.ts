import { expect, it } from 'vitest';
import { podWith, targetWith } from '../move-fixture.ts';
import { plainPod } from './plain-pod.ts';

it('a pod is made anew without its node and what the API server had given it', () => {
  const pod = podWith({
    spec: { nodeName: 'n1', priority: 7, serviceAccount: 'a', serviceAccountName: 'a', schedulerName: 'mine' },
  });
  const { metadata, spec } = plainPod(pod);
  expect(metadata).not.toHaveProperty('uid');
  expect(spec).toEqual({ serviceAccountName: 'a', schedulerName: 'mine', containers: pod.spec.containers });
});

it('a pod that had moved before is no target any more', () => {
  const moved = targetWith({
    metadata: {
      annotations: {
        'transship.dev/migrate': 'true',
        'transship.dev/migration': 'm',
        'transship.dev/moved-from': 'n0',
      },
    },
  });
  const { metadata, spec } = plainPod(moved);
  expect(metadata.annotations).toEqual({ 'transship.dev/migrate': 'true' });
  expect(spec.schedulerName).toBeUndefined();
  expect(spec.containers[0]?.env).toEqual([]);
});
