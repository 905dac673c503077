import { type Migration, phaseOf } from '../../api/migration.ts';
import { isRemoved } from '../namesake/removal.ts';
import { phaseChange, type StatusPatch } from '../status.ts';

/**
 * Has somebody asked for the move to be taken back, and how? The record itself
 * carries it, so a compare-and-swap on this very version would pass it by:
 * whoever writes the commit has to look. It is not heard any more when the object
 * of the source is removed: taking the move back would end the pod.
 */
export const askedBack = (migration: Migration): 'cancelled' | 'deleted' | undefined => {
  if (isRemoved(migration)) return undefined;
  const { spec, metadata } = migration;
  if (spec.cancel) return 'cancelled';
  return metadata.deletionTimestamp === undefined ? undefined : 'deleted';
};

/** The write that ends a move because it was asked back, before its commit. */
export const cancellation = (migration: Migration, asked: 'cancelled' | 'deleted', now: number): StatusPatch =>
  phaseChange(migration, {
    to: 'Cancelled',
    now,
    reason: 'CancelRequested',
    message: `${asked} in phase ${phaseOf(migration)}; the source runs on`,
  });
