import type { Migration } from '../api/migration.ts';
import { moveFinalizer } from '../api/names.ts';
import type { Step } from './step.ts';

const withFinalizers = ({ metadata }: Migration, finalizers: readonly string[]): Step[] => [
  { do: 'patchMigration', patch: { metadata: { resourceVersion: metadata.resourceVersion, finalizers } } },
];

export const isHeld = ({ metadata }: Migration): boolean => metadata.finalizers?.includes(moveFinalizer) ?? false;

/** Before anything is made for it: from now on deleting the Migration is a request to take the move back, and the record stays. */
export const hold = (migration: Migration): Step[] =>
  withFinalizers(migration, [...(migration.metadata.finalizers ?? []), moveFinalizer]);

/** When nothing of it is left, it may go. */
export const letGo = (migration: Migration): Step[] =>
  isHeld(migration)
    ? withFinalizers(
        migration,
        (migration.metadata.finalizers ?? []).filter((name) => name !== moveFinalizer),
      )
    : [];
