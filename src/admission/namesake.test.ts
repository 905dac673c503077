import { describe, expect, it } from 'vitest';
import type { Pod } from '../api/pod.ts';
import { migrationUID } from '../migration/move-fixture.ts';
import { ofSet, removedFor } from '../migration/namesake/namesake-fixture.ts';
import { successionOf } from '../migration/namesake/succession.ts';
import { isTargetOf, lostFrom } from '../migration/target-pod/target-pod.ts';
import { succeeding } from './namesake.ts';
import type { PatchOperation } from './review.ts';

const options = { respondsToEvictions: false };

/** As the StatefulSet makes it. */
const template: Pod = {
  metadata: { ...ofSet.metadata, uid: '', resourceVersion: '' },
  spec: {
    containers: [{ name: 'web', image: 'web:1', volumeMounts: [{ name: 'kube-api-access-x', mountPath: '/token' }] }],
    initContainers: [{ name: 'once' }, { name: 'always', image: 'side:1', restartPolicy: 'Always' }],
    volumes: [{ name: 'kube-api-access-x' }],
  },
};

/** The operations that these answers consist of: members of an object, and ends of lists. */
const patched = (pod: Pod, patch: readonly PatchOperation[] = []): Pod => {
  const copy = structuredClone(pod) as unknown as Record<string, unknown>;
  for (const { path, value } of patch) {
    const names = path.split('/').slice(1);
    const last = names.pop() ?? '';
    const holder = names.reduce<Record<string, unknown>>((at, name) => at[name] as Record<string, unknown>, copy);
    if (Array.isArray(holder) && last === '-') holder.push(value);
    else holder[last] = value;
  }
  return copy as unknown as Pod;
};

const answerTo = (pod: Pod, migration: ReturnType<typeof removedFor>) => {
  const succession = successionOf(pod, [migration]);
  if (!succession) throw new Error('the move of this test does not concern the pod');
  return succeeding(pod, succession, options);
};

describe('the pod that a StatefulSet makes for one that moves', () => {
  const migration = removedFor(10, ofSet, 'Preparing');
  const target = patched(template, answerTo(template, migration).patch);

  it('is its target, with every mark', () => {
    expect(isTargetOf(target, migration)).toBe(true);
    expect(lostFrom(target, migration)).toEqual([]);
  });

  it('is prepared as the source was', () => {
    expect(target.spec.securityContext?.seccompProfile).toEqual({ type: 'RuntimeDefault' });
    const environment = [
      { name: 'TRANSSHIP_MIGRATION', value: migrationUID },
      { name: 'GODEBUG', value: 'multipathtcp=0' },
    ];
    expect(target.spec.containers[0]?.env).toEqual(environment);
    expect(target.spec.initContainers).toEqual([
      { name: 'always', image: 'side:1', imagePullPolicy: 'IfNotPresent', restartPolicy: 'Always', env: environment },
    ]);
  });

  it('keeps its owner, its labels and what the API server has put into it', () => {
    expect(target.metadata.ownerReferences).toEqual(ofSet.metadata.ownerReferences);
    expect(target.metadata.labels).toMatchObject(ofSet.metadata.labels ?? {});
    expect(target.spec.volumes).toEqual(template.spec.volumes);
    expect(target.spec.containers[0]?.['volumeMounts']).toEqual(template.spec.containers[0]?.['volumeMounts']);
    expect(JSON.parse(target.metadata.annotations?.['transship.dev/adoption'] ?? '')).toEqual({
      labels: {},
      ownerReferences: ofSet.metadata.ownerReferences,
    });
  });

  it('has the image that the source had, whatever the tag means by now', () => {
    const digest = `web@sha256:${'a'.repeat(64)}`;
    const [status] = ofSet.status?.containerStatuses ?? [];
    const source = { ...ofSet, status: { containerStatuses: status ? [{ ...status, imageID: digest }] : [] } };
    const { patch } = answerTo(template, removedFor(10, source, 'Preparing'));
    expect(patched(template, patch).spec.containers[0]?.image).toBe(digest);
  });
});

it('a pod whose name a move still needs is refused, for whoever makes it to try again', () => {
  const { denial, patch } = answerTo(
    template,
    removedFor(10, ofSet, 'Failed', { reason: 'DumpFailed', message: 'CRIU said no' }),
  );
  expect(patch).toBeUndefined();
  expect(denial).toEqual({
    code: 429,
    reason: 'TooManyRequests',
    message:
      'NameTakenByMove: Migration default/move is moving the pod default/web-1 and needs its name (Failed, DumpFailed: CRIU said no); try again when it has ended',
  });
});
