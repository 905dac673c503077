import { type Migration, phaseOf } from '../../api/migration.ts';
import { phases } from '../../api/phase.ts';
import { type Column, printerColumns } from '../../api/printer-columns.ts';
import { ageText } from './age.ts';
import { columns } from './columns.ts';

export interface TableOptions {
  readonly wide: boolean;
  readonly withNamespace: boolean;
  readonly now: number;
  /** For what is printed again when a phase has changed: its columns stay where they are. */
  readonly steady?: boolean;
}

/** Enough of JSONPath for printer columns: `.status.phase`. */
const fieldAt = (object: unknown, path: string): unknown =>
  path
    .split('.')
    .slice(1)
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], object);

const cellText = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

const cellOf = (migration: Migration, { jsonPath, type }: Column, now: number): string => {
  const value = cellText(fieldAt(migration, jsonPath));
  return type === 'date' ? ageText(value, now) : value;
};

/** The API server adds no default to a status that nobody has written yet. */
const withPhase = (migration: Migration): Migration => ({
  ...migration,
  status: { ...migration.status, phase: phaseOf(migration) },
});

/** Moves as `kubectl get migrations` shows them, the header first. */
export const migrationTable = (
  migrations: readonly Migration[],
  { wide, withNamespace, now, steady = false }: TableOptions,
): readonly string[] => {
  const all: readonly Column[] = printerColumns.migrations;
  const shown = all.filter(({ priority = 0 }) => wide || priority === 0);
  const header = [...(withNamespace ? ['NAMESPACE'] : []), 'NAME', ...shown.map(({ name }) => name.toUpperCase())];
  const rows = migrations.map((migration) => [
    ...(withNamespace ? [migration.metadata.namespace ?? ''] : []),
    migration.metadata.name,
    ...shown.map((column) => cellOf(withPhase(migration), column, now)),
  ]);
  const anyPhase = steady ? phases.map((phase) => header.map((name) => (name === 'PHASE' ? phase : ''))) : [];
  return columns([header, ...rows], anyPhase);
};

/** When there is nothing to show, in kubectl's words. */
export const nothingFound = (namespace: string | undefined): string =>
  namespace === undefined ? 'No migrations found' : `No migrations found in ${namespace} namespace.`;
