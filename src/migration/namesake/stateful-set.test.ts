import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/pod.ts';
import type { StatefulSet } from '../../api/stateful-set.ts';
import { podWith } from '../move-fixture.ts';
import { bare, ofSet, setWith } from './namesake-fixture.ts';
import { setFindings } from './stateful-set.ts';

const changing = (what: string) =>
  `StatefulSetChanging: Pod default/web-1 belongs to StatefulSet web, which is being ${what}`;
const deleted = setWith();

describe('a StatefulSet', () => {
  it.each<[string, Pod, StatefulSet | undefined, string[]]>([
    ['that stands makes the same pod again', ofSet, setWith(), []],
    ['is none of the business of a pod that has none', bare, undefined, []],
    ['is none of the business of a pod of a Deployment', podWith(), undefined, []],
    ['that is gone makes none', ofSet, undefined, [changing('deleted')]],
    [
      'of that name may be another',
      ofSet,
      { ...deleted, metadata: { ...deleted.metadata, uid: 'another' } },
      [changing('deleted')],
    ],
    [
      'that is being deleted makes none',
      ofSet,
      { ...deleted, metadata: { ...deleted.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } },
      [changing('deleted')],
    ],
    ['that is scaled down makes none', ofSet, setWith({ replicas: 1 }), [changing('scaled down')]],
    ['may begin to count later', ofSet, setWith({ replicas: 1, ordinals: { start: 1 } }), []],
    ['may begin to count behind it', ofSet, setWith({ ordinals: { start: 2 } }), [changing('scaled down')]],
    [
      'that is rolled out makes another',
      ofSet,
      setWith({}, { updateRevision: 'r2' }),
      [changing('rolled out: it would make another pod now')],
    ],
    [
      'that was rolled out only when its pods are deleted makes another',
      ofSet,
      setWith({}, { currentRevision: 'r2', updateRevision: 'r2' }),
      [changing('rolled out: it would make another pod now')],
    ],
    [
      'whose template did not opt in makes one that is not ours',
      ofSet,
      setWith({ template: {} }),
      [
        'TemplateNotOptedIn: StatefulSet web does not have the annotation transship.dev/migrate: "true" in its template, so the pod that it makes in the place of web-1 would not be ours',
      ],
    ],
  ])('%s', (_what, pod, set, said) => {
    expect(setFindings(pod, set).map(({ reason, message }) => `${reason}: ${message}`)).toEqual(said);
  });
});
