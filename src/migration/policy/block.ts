import type { MigrationPolicySpec } from '../../api/migration-policy.ts';
import type { Migration } from '../../api/migration.ts';
import { phaseSince } from '../status.ts';

/** Until when onFailure: Block keeps a pod whose move has ended without success; undefined where it does not. */
export const keptUntil = (ended: Migration, { onFailure, blockSeconds }: MigrationPolicySpec): number | undefined =>
  onFailure === 'Block' ? phaseSince(ended) + blockSeconds * 1000 : undefined;
