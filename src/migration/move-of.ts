import type { Metadata } from '../api/metadata.ts';
import { type Migration, phaseOf } from '../api/migration.ts';
import { isFinished } from '../api/phase.ts';

/** A pod, as far as Migrations name it; it may be gone. */
export interface NamedPod {
  readonly metadata: Pick<Metadata, 'namespace' | 'name' | 'uid'>;
}

/** The pod that a Migration is about, as far as it knows. */
export const uidOfMove = ({ spec, status }: Migration): string | undefined => status?.source?.podUID ?? spec.podUID;

/**
 * Is a Migration about this very pod? A request by name alone that has not been
 * looked at yet will find it; one that has ended before it found any never did.
 */
export const isMoveOf =
  ({ metadata: { namespace, name, uid } }: NamedPod) =>
  (migration: Migration): boolean => {
    const { metadata, spec } = migration;
    if (metadata.namespace !== namespace || spec.podName !== name) return false;
    const meant = uidOfMove(migration);
    return meant === undefined ? !isFinished(phaseOf(migration)) : meant === uid;
  };
