import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/pod.ts';
import { podWith, sourceUID, targetWith } from '../move-fixture.ts';
import type { Step } from '../step.ts';
import { firstToGo } from './first-to-go.ts';

const source = podWith();
const ready = { conditions: [{ type: 'Ready', status: 'True' }] };
const notReady = { conditions: [{ type: 'Ready', status: 'False' }] };
const sibling = (status: object, changes: Parameters<typeof podWith>[0] = {}): Pod =>
  podWith({ metadata: { name: 'web-2', uid: 'u2' }, ...changes, status });

/** What is said of the source; undefined when nothing is. */
const said = (steps: readonly Step[]): unknown => {
  expect(steps.length).toBeLessThanOrEqual(1);
  const [step] = steps;
  if (step === undefined) return undefined;
  expect(step).toMatchObject({ do: 'patchPodStatus', name: 'web-1', patch: { metadata: { uid: sourceUID } } });
  return step.do === 'patchPodStatus' ? (step.patch as { status: object }).status : undefined;
};

const unready = { conditions: [{ type: 'Ready', status: 'False', reason: 'Moved' }] };
const pending = { ...unready, phase: 'Pending' };

describe('of the source nothing is said', () => {
  it.each<[string, Pod, readonly Pod[]]>([
    ['where what it costs to delete decides: all others are ready', source, [targetWith(), sibling(ready)]],
    [
      'where the others that are not ready count no more',
      source,
      [
        targetWith(),
        sibling({ ...notReady, phase: 'Failed' }),
        sibling(notReady, { metadata: { name: 'web-2', uid: 'u2', deletionTimestamp: 'x' } }),
      ],
    ],
    [
      'for the sake of one of which nothing has been started',
      source,
      [targetWith(), sibling({ ...notReady, phase: 'Pending' }, { spec: { nodeName: undefined } })],
    ],
    ['that is true already', podWith({ status: notReady }), [targetWith(), sibling(notReady)]],
    ['when it is being deleted', podWith({ metadata: { deletionTimestamp: 'x' } }), [targetWith(), sibling(notReady)]],
  ])('%s', (_what, of, others) => {
    expect(said(firstToGo(of, others))).toBeUndefined();
  });
});

describe('the source is said', () => {
  it.each<[string, readonly Pod[], object]>([
    ['not to be ready, where another is not', [targetWith(), sibling(notReady)], unready],
    ['not to be ready, where the target is not', [targetWith({ status: notReady })], unready],
    [
      'to be Pending, where another has not started yet',
      [targetWith(), sibling({ ...notReady, phase: 'Pending' })],
      pending,
    ],
    [
      'to be Pending, where nothing is known yet of another',
      [targetWith(), sibling({ phase: undefined, conditions: undefined })],
      pending,
    ],
  ])('%s', (_what, others, expected) => {
    const status = said(firstToGo(source, others)) as { phase?: string };
    expect(status).toMatchObject(expected);
    expect(status.phase).toBe('phase' in expected ? expected.phase : undefined);
  });

  it('to be Pending even if it is not ready anyway', () => {
    const steps = firstToGo(podWith({ status: notReady }), [targetWith(), sibling({ ...notReady, phase: 'Pending' })]);
    expect(said(steps)).toMatchObject({ phase: 'Pending' });
  });
});
