import { type Migration, phaseOf } from '../../api/migration.ts';
import { withdrawnAnnotation } from '../../api/names.ts';

/*
 * A move that nobody had asked for by name is taken back when nothing asks for it
 * any more: its node is not to be emptied, its EvictionRequest is withdrawn. Such
 * a Migration stays to be read, but says nothing about the pod: unlike one that a
 * person has cancelled, it stands in no later move's way.
 */

/** The patch that takes it back. Its UID is that of the Migration that was judged; another one of that name is left alone. */
export const withdrawal = ({ metadata }: Migration): object => ({
  metadata: { uid: metadata.uid, annotations: { [withdrawnAnnotation]: 'true' } },
  spec: { cancel: true },
});

/** Was it taken back because nothing asked for it any more, before it had committed? */
export const isWithdrawn = (migration: Migration): boolean =>
  phaseOf(migration) === 'Cancelled' && migration.metadata.annotations?.[withdrawnAnnotation] === 'true';
