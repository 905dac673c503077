import { describe, expect, it } from 'vitest';
import type { Facts } from '../facts.ts';
import { decide } from '../decide.ts';
import { inPhase, inspecting, plan, retrying } from '../decision-fixture.ts';
import { factsWith, movable, now, podWith, targetName, targetWith } from '../move-fixture.ts';

describe('a Migration between two attempts', () => {
  it.each<[string, Partial<Facts>, number, string[]]>([
    [
      'removes the target of the last one first',
      { target: targetWith() },
      5_000,
      [`delete ${targetName}`, 'lookAgain'],
    ],
    [
      'waits for that target to be gone, also after the pause',
      { target: targetWith({ metadata: { deletionTimestamp: 'x' } }) },
      5_000,
      [`delete ${targetName}`, 'lookAgain'],
    ],
    [
      "leaves somebody else's pod of that name",
      { target: podWith({ metadata: { name: targetName } }) },
      1_000,
      ['write Inspecting Accepted'],
    ],
    ['waits for the end of the pause', {}, 999, ['lookAgain']],
    ['looks at the source anew after it', {}, 1_000, ['write Inspecting Accepted']],
    ['ends when the source is gone', { source: undefined, target: targetWith() }, 0, ['write Failed SourceGone']],
  ])('%s', (_what, facts, after, expected) => {
    expect(plan({ migration: retrying, ...facts }, now + after)).toEqual(expected);
  });

  it('forgets what the last attempt has made, and trusts nothing that was seen in it', () => {
    const [write] = decide(factsWith({ migration: retrying }), now + 1_000);
    expect(write).toMatchObject({
      do: 'writeStatus',
      patch: {
        status: {
          phase: 'Inspecting',
          message: 'attempt 2 of at most 4 begins',
          target: null,
          notBefore: null,
          timings: null,
          imageBytes: null,
        },
      },
    });
    const conditions = write?.do === 'writeStatus' ? write.patch.status.conditions : [];
    expect(conditions?.find(({ type }) => type === 'Movable')?.status).toBe('Unknown');
  });

  it('gives the next target another name', () => {
    const second = inPhase('Inspecting', { conditions: [movable], attempt: 2 });
    const names = [inspecting, second].map((migration) =>
      decide(factsWith({ migration }), now).flatMap((step) =>
        step.do === 'writeStatus' ? [step.patch.status.target?.podName] : [],
      ),
    );
    expect(names[0]).toEqual([targetName]);
    expect(names[1]).not.toEqual(names[0]);
  });
});
