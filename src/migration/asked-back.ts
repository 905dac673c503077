import { type Migration, phaseOf } from '../api/migration.ts';
import { phaseChange, type StatusPatch } from './status.ts';

/**
 * Has somebody asked for the move to be taken back, and how? The record itself
 * carries it, so a compare-and-swap on this very version would pass it by:
 * whoever writes the commit has to look.
 */
export const askedBack = ({ spec, metadata }: Migration): 'cancelled' | 'deleted' | undefined => {
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
