import { describe, expect, it } from 'vitest';
import type { Migration } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import { migrationWith, podWith } from '../move-fixture.ts';
import { bare, keepingName, ofSet, removedFor } from './namesake-fixture.ts';
import { successionOf } from './succession.ts';

const finished = { type: 'Finished', status: 'True', reason: 'x', message: '', lastTransitionTime: '' } as const;
const coming = (metadata: object): Pod => podWith({ metadata: { ...ofSet.metadata, uid: '', ...metadata } });
const rolledOut = { labels: { 'controller-revision-hash': 'r2' } };
const other = {
  ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'other', controller: true }],
};

describe('a pod that comes in', () => {
  it.each<[string, Pod, Migration, string | undefined]>([
    [
      'from the StatefulSet of a source that is removed becomes its target',
      coming({}),
      removedFor(10, ofSet, 'Preparing'),
      'target',
    ],
    ['in the middle of another attempt does so, too', coming({}), removedFor(10, ofSet, 'Retrying'), 'target'],
    ['before anything is removed is rehearsed', coming({ name: 'web-1-m3fa9c2' }), keepingName('Preparing'), 'target'],
    [
      'under any other name does not concern the move',
      coming({ name: 'web-2' }),
      removedFor(10, ofSet, 'Preparing'),
      undefined,
    ],
    [
      'in another namespace does not either',
      coming({ namespace: 'other' }),
      removedFor(10, ofSet, 'Preparing'),
      undefined,
    ],
    ['from a newer template must wait', coming(rolledOut), removedFor(10, ofSet, 'Preparing'), 'taken'],
    ['from another StatefulSet of that name must wait', coming(other), removedFor(10, ofSet, 'Preparing'), 'taken'],
    ['from a person must wait', bare, removedFor(10, bare, 'Preparing'), 'taken'],
    ['after a failure must wait until the source has ended', coming({}), removedFor(10, ofSet, 'Failed'), 'taken'],
    [
      'when it has ended is a pod like any other',
      coming({}),
      removedFor(10, ofSet, 'Failed', { source: { nodeName: 'n1', podUID: 'u', keepsName: true, ended: true } }),
      undefined,
    ],
    [
      'after that is a pod like any other',
      coming({}),
      removedFor(10, ofSet, 'Failed', { conditions: [finished] }),
      undefined,
    ],
    [
      'after the commit is a pod like any other: the target has been there',
      coming({}),
      removedFor(10, ofSet, 'Lost'),
      undefined,
    ],
    [
      'does not concern a move whose target has another name',
      podWith(),
      migrationWith({ phase: 'Preparing' }),
      undefined,
    ],
  ])('%s', (_what, pod, migration, as) => {
    expect(successionOf(pod, [migration])?.as).toBe(as);
  });
});
