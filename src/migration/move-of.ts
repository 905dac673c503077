import { type Migration, phaseOf } from '../api/migration.ts';
import { isFinished } from '../api/phase.ts';
import type { Pod } from '../api/pod.ts';

/**
 * Is a Migration about this very pod? A request by name alone that has not been
 * looked at yet will find it; one that has ended before it found any never did.
 */
export const isMoveOf =
  ({ metadata: { namespace, name, uid } }: Pod) =>
  (migration: Migration): boolean => {
    const { metadata, spec, status } = migration;
    if (metadata.namespace !== namespace || spec.podName !== name) return false;
    const meant = status?.source?.podUID ?? spec.podUID;
    return meant === undefined ? !isFinished(phaseOf(migration)) : meant === uid;
  };
