import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/pod.ts';
import type { Facts } from '../facts.ts';
import {
  factsWith,
  migrationWith,
  podWith,
  source,
  sourceUID,
  target,
  targetName,
  targetUID,
  targetWith,
} from '../move-fixture.ts';
import type { Step } from '../step.ts';
import { targetPod } from '../target-pod/target-pod.ts';
import { handOver } from './adoption.ts';

describe('adoption', () => {
  const committed = migrationWith({ phase: 'Committed', source, target });
  const adopted = {
    metadata: {
      uid: targetUID,
      labels: { 'pod-template-hash': 'abc', 'transship.dev/target': null },
      annotations: { 'transship.dev/moved-from': 'n1', 'transship.dev/adoption': null },
      ownerReferences: podWith().metadata.ownerReferences,
    },
  };
  const handedOver = (changes: Partial<Facts>, adoptee = targetWith()) =>
    handOver(factsWith({ migration: committed, ...changes }), adoptee);
  const patchOf = (steps: readonly Step[], name: string) =>
    steps.flatMap((step) => (step.do === 'patchPod' && step.name === name ? [step.patch] : []));

  it.each<[string, Partial<Facts>, Pod]>([
    ['gives label and owner back in one patch, for that very pod', {}, targetWith()],
    ['does not need the source', { source: undefined }, targetWith()],
    ['takes them from the source when the note is gone', {}, targetWith({ metadata: { annotations: {} } })],
    [
      'takes them from the source when the note cannot be read',
      {},
      targetWith({ metadata: { annotations: { 'transship.dev/adoption': '{' } } }),
    ],
  ])('%s', (_what, changes, adoptee) => {
    expect(patchOf(handedOver(changes, adoptee), targetName)).toEqual([adopted]);
  });

  it("takes nothing from a new pod of the source's name when the note is gone", () => {
    const steps = handedOver(
      { source: podWith({ metadata: { uid: 'new' } }) },
      targetWith({ metadata: { annotations: {} } }),
    );
    expect(patchOf(steps, targetName)).toEqual([
      { metadata: { ...adopted.metadata, labels: { 'transship.dev/target': null }, ownerReferences: [] } },
    ]);
  });

  it('makes the source the cheapest to delete first, and removes that very pod last', () => {
    const steps = handedOver({});
    expect(steps.map((step) => step.do)).toEqual(['patchPod', 'patchPod', 'deletePod']);
    expect(patchOf(steps, 'web-1')).toEqual([
      { metadata: { uid: sourceUID, annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-2147483647' } } },
    ]);
    expect(steps.at(-1)).toEqual({ do: 'deletePod', pod: { name: 'web-1', uid: sourceUID } });
  });

  it('keeps a pod that its owner has just started: the source goes before it', () => {
    const started = podWith({ metadata: { name: 'web-2', uid: 'u2' }, status: { phase: 'Pending', conditions: [] } });
    const steps = handedOver({ siblings: [started] });
    expect(steps.map((step) => step.do)).toEqual(['patchPod', 'patchPodStatus', 'patchPod', 'deletePod']);
    expect(steps[1]).toMatchObject({ name: 'web-1', patch: { status: { phase: 'Pending' } } });
  });

  it('is not done twice: only the source is left to remove', () => {
    expect(handedOver({}, targetWith({ metadata: { labels: {} } }))).toEqual([
      { do: 'deletePod', pod: { name: 'web-1', uid: sourceUID } },
    ]);
  });
});

describe('of a Job', () => {
  const tracking = 'batch.kubernetes.io/job-tracking';
  const ofJob = {
    labels: { app: 'web', 'job-name': 'sum', 'batch.kubernetes.io/controller-uid': 'j', 'controller-uid': 'j' },
    ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'sum', uid: 'j', controller: true }],
    finalizers: ['example.com/theirs', tracking],
  };
  const before = podWith({ metadata: ofJob });
  const made = targetPod(before, migrationWith({}));
  const targetOfJob = targetWith({ metadata: made.metadata });
  const facts = factsWith({ migration: migrationWith({ phase: 'Committed', source, target }), source: before });
  const steps = handOver(facts, {
    ...targetOfJob,
    metadata: { ...targetOfJob.metadata, name: targetName, uid: targetUID },
  });

  it('the target is not counted before it is handed over', () => {
    expect(made.metadata.labels).toEqual({ app: 'web', 'job-name': 'sum', 'transship.dev/target': 'move' });
    expect(made.metadata).not.toHaveProperty('finalizers');
  });

  it('the source is neither counted as failed nor preferred, and only then the target is the pod of the Job', () => {
    expect(steps).toMatchObject([
      { do: 'patchPod', name: 'web-1', patch: { metadata: { uid: sourceUID, finalizers: ['example.com/theirs'] } } },
      {
        do: 'patchPodStatus',
        name: 'web-1',
        patch: { metadata: { uid: sourceUID }, status: { conditions: [{ type: 'Ready', status: 'False' }] } },
      },
      {
        do: 'patchPod',
        name: targetName,
        patch: {
          metadata: {
            uid: targetUID,
            finalizers: [tracking],
            ownerReferences: ofJob.ownerReferences,
            labels: { 'batch.kubernetes.io/controller-uid': 'j', 'controller-uid': 'j', 'transship.dev/target': null },
          },
        },
      },
      { do: 'deletePod', pod: { name: 'web-1', uid: sourceUID } },
    ]);
  });

  it('a source that is not ready is not said to be so once more', () => {
    const notReady = podWith({ metadata: ofJob, status: { conditions: [{ type: 'Ready', status: 'False' }] } });
    const kinds = handOver({ ...facts, source: notReady }, targetOfJob).map((step) => step.do);
    expect(kinds).not.toContain('patchPodStatus');
  });
});
