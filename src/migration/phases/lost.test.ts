import { describe, expect, it } from 'vitest';
import type { Facts } from '../facts.ts';
import { decide } from '../decide.ts';
import { plan, released } from '../decision-fixture.ts';
import {
  factsWith,
  migrationWith,
  now,
  podWith,
  sourceUID,
  targetName,
  targetUID,
  targetWith,
} from '../move-fixture.ts';

describe('a Migration that is lost', () => {
  const lost = migrationWith({ ...released.status, phase: 'Lost', reason: 'TargetLost', message: 'it has ended' });
  const told = ['write status', 'tell TargetLost', 'tell TargetLost'];

  it.each<[string, Partial<Facts>, string[]]>([
    [
      'gives its owner a target that was started anew',
      { target: targetWith() },
      ['patch web-1', `patch ${targetName}`, 'delete web-1', ...told],
    ],
    ['removes the source when the target is gone, so that the owner makes another', {}, ['delete web-1', ...told]],
    [
      'removes a target that has ended, which has no owner that would',
      { target: targetWith({ status: { phase: 'Failed' } }) },
      [`delete ${targetName}`, 'delete web-1', ...told],
    ],
    [
      'leaves a target that is being deleted',
      { target: targetWith({ metadata: { deletionTimestamp: 'x' } }) },
      ['delete web-1', ...told],
    ],
    [
      "touches no other pod of the target's or the source's name",
      { target: targetWith({ metadata: { uid: 'new' } }), source: podWith({ metadata: { uid: 'new' } }) },
      told,
    ],
  ])('%s', (_what, facts, expected) => {
    expect(plan({ migration: lost, ...facts })).toEqual(expected);
  });

  it('says so once, about both pods and in the conditions', () => {
    const steps = decide(factsWith({ migration: lost }), now);
    expect(steps.flatMap((step) => (step.do === 'tell' ? [step.pod] : []))).toEqual([
      { name: 'web-1', uid: sourceUID },
      { name: targetName, uid: targetUID },
    ]);
    const [write] = steps.flatMap((step) => (step.do === 'writeStatus' ? [step.patch.status] : []));
    expect(write?.phase).toBeUndefined();
    expect(write?.conditions?.map(({ type, status, message }) => `${type} ${status} ${message}`)).toEqual([
      'Finished True it has ended',
      'Succeeded False it has ended',
    ]);
  });
});
