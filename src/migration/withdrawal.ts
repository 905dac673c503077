import { type Migration, phaseOf } from '../api/migration.ts';
import { withdrawnAnnotation } from '../api/names.ts';

/*
 * A node that is not to be emptied any more takes back moves that nobody had
 * asked for by name. Such a Migration stays to be read, but says nothing about
 * the pod: unlike one that a person has cancelled, it stands in no later move's way.
 */

/** The patch that takes it back. Its UID is that of the Migration that was judged; another one of that name is left alone. */
export const withdrawal = ({ metadata }: Migration): object => ({
  metadata: { uid: metadata.uid, annotations: { [withdrawnAnnotation]: 'true' } },
  spec: { cancel: true },
});

/** Was it taken back because of its node, before it had committed? */
export const isWithdrawn = (migration: Migration): boolean =>
  phaseOf(migration) === 'Cancelled' && migration.metadata.annotations?.[withdrawnAnnotation] === 'true';
