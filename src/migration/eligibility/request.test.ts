import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/pod.ts';
import { podWith } from '../move-fixture.ts';
import { annotated, findings, statusOf } from './finding-fixture.ts';

describe('a pod', () => {
  it.each<[string, Pod, string]>([
    [
      'that is being deleted',
      podWith({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
      'PodTerminating: Pod default/web-1 is being deleted since 2026-01-01T00:00:00Z',
    ],
    ['that has not started', podWith({ status: { phase: 'Pending' } }), 'PodNotRunning: Pod default/web-1 is Pending'],
    [
      'that still prepares itself',
      podWith({
        spec: { initContainers: [{ name: 'setup' }, { name: 'done' }] },
        status: {
          phase: 'Pending',
          initContainerStatuses: [statusOf('setup', false), statusOf('done', true)],
        },
      }),
      'InitContainersRunning: Pod default/web-1 has init containers that have not ended: setup',
    ],
    [
      'whose container waits to be restarted',
      podWith({
        status: {
          containerStatuses: [
            { name: 'web', image: '', imageID: '', ready: false, restartCount: 1, state: { waiting: {} } },
          ],
        },
      }),
      'PodNotRunning: Pod default/web-1 has a container that is not running: web',
    ],
    [
      'whose sidecar waits to be restarted',
      podWith({
        spec: { initContainers: [{ name: 'setup' }, { name: 'proxy', restartPolicy: 'Always' }] },
        status: {
          initContainerStatuses: [
            { ...statusOf('setup', true), state: { terminated: {} } },
            { ...statusOf('proxy', false), state: { waiting: {} } },
          ],
        },
      }),
      'PodNotRunning: Pod default/web-1 has a container that is not running: proxy',
    ],
    [
      'with an annotation that may mean anything',
      podWith({ metadata: { annotations: { 'transship.dev/migrate': 'yes' } } }),
      'AnnotationMalformed: Pod default/web-1 has the annotation transship.dev/migrate: "yes"; write "true" or "false"',
    ],
    [
      'with a misspelt annotation',
      podWith({ metadata: annotated({ 'transship.dev/migrte': 'true' }) }),
      'AnnotationMalformed: Pod default/web-1 has an annotation that Transship does not know: transship.dev/migrte',
    ],
    [
      'that did not opt in',
      podWith({ metadata: { annotations: {} } }),
      'NotOptedIn: Pod default/web-1 does not carry the annotation transship.dev/migrate: "true"',
    ],
    [
      'that opted out',
      podWith({ metadata: { annotations: { 'transship.dev/migrate': 'false' } } }),
      'NotOptedIn: Pod default/web-1 does not carry the annotation transship.dev/migrate: "true"',
    ],
    [
      'that is a target',
      podWith({ metadata: { labels: { 'transship.dev/target': 'm' } } }),
      'PodIsTarget: Pod default/web-1 is the target of the Migration m, which is still running',
    ],
  ])('%s cannot be moved', (_name, pod, expected) => {
    expect(findings(pod)).toEqual([expected]);
  });

  it('that waits for a sidecar only is not called initializing', () => {
    const pod = podWith({
      spec: { initContainers: [{ name: 'proxy', restartPolicy: 'Always' }] },
      status: { phase: 'Pending', initContainerStatuses: [statusOf('proxy', false)] },
    });
    expect(findings(pod)[0]).toBe('PodNotRunning: Pod default/web-1 is Pending');
  });
});
