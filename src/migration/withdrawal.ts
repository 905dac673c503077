import { type Migration, phaseOf } from '../api/migration.ts';
import { uncordonedAnnotation } from '../api/names.ts';

/*
 * Uncordoning takes a move back that nobody had asked for by name. Such a
 * Migration stays to be read, but says nothing about the pod: unlike one that a
 * person has cancelled, it stands in no later move's way.
 */

/** The patch that takes it back. Its UID is that of the Migration that was judged; another one of that name is left alone. */
export const withdrawal = ({ metadata }: Migration): object => ({
  metadata: { uid: metadata.uid, annotations: { [uncordonedAnnotation]: 'true' } },
  spec: { cancel: true },
});

/** Was it taken back by uncordoning, before it had committed? */
export const isWithdrawn = (migration: Migration): boolean =>
  phaseOf(migration) === 'Cancelled' && migration.metadata.annotations?.[uncordonedAnnotation] === 'true';
