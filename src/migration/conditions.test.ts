import { describe, expect, it } from 'vitest';
import type { Migration, MigrationStatus } from '../api/migration.ts';
import { isFinished, type Phase, phases } from '../api/phase.ts';
import { decide } from './decide.ts';
import { factsWith, migrationWith, now, source, target } from './move-fixture.ts';
import { conditionOf, phaseChange } from './status.ts';

/*
 * `kubectl wait --for=condition=Succeeded` and `=Finished` return when the
 * condition is True, and `=Succeeded=False` when a move has come to nothing.
 */

const entered = (phase: Phase): Migration => {
  const before = migrationWith({ phase: 'Moving', source, target });
  const { status } = phaseChange(before, { to: phase, now, reason: 'Moved', message: '' });
  return { ...before, status: { ...before.status, ...(status as MigrationStatus) } };
};

/** The record after everything that the controller does about its present phase. */
const settled = (migration: Migration): Migration => {
  const written = decide(factsWith({ migration }), now).flatMap((step) =>
    step.do === 'writeStatus' ? [step.patch.status as MigrationStatus] : [],
  );
  return { ...migration, status: Object.assign({ ...migration.status }, ...written) as MigrationStatus };
};

const toldBy = (migration: Migration) => ({
  succeeded: conditionOf(migration, 'Succeeded')?.status,
  finished: conditionOf(migration, 'Finished')?.status,
});

describe('kubectl wait', () => {
  it.each(phases.filter(isFinished))('returns when a move has ended as %s and nothing is left of it', (phase) => {
    const succeeded = phase === 'Succeeded' ? 'True' : 'False';
    expect(toldBy(settled(entered(phase)))).toEqual({ succeeded, finished: 'True' });
  });

  it.each(phases.filter((phase) => !isFinished(phase)))('goes on waiting in phase %s', (phase) => {
    expect(toldBy(entered(phase))).toEqual({ succeeded: 'Unknown', finished: 'False' });
  });
});
