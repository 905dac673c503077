import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/pod.ts';
import { factsWith, migrationWith, podWith, source } from '../move-fixture.ts';
import { sourceLoss } from './source-loss.ts';

const moving = migrationWith({ phase: 'Preparing', source });

describe('a source', () => {
  it.each<[string, Pod | undefined, string]>([
    ['that is gone', undefined, 'does not exist any more'],
    ['that has been replaced', podWith({ metadata: { uid: 'new' } }), 'has been replaced by another of the same name'],
    ['that is being deleted', podWith({ metadata: { deletionTimestamp: 'x' } }), 'is being deleted'],
    ['that has ended', podWith({ status: { phase: 'Failed' } }), 'has ended (Failed)'],
  ])('%s is lost, and the record says how', (_what, pod, how) => {
    expect(sourceLoss(factsWith({ migration: moving, source: pod }))).toEqual({
      reason: 'SourceGone',
      message: `the source pod web-1 ${how}`,
    });
  });

  it('that runs is not', () => {
    expect(sourceLoss(factsWith({ migration: moving }))).toBeUndefined();
  });
});
