import type { MigrationPolicySpec } from '../../api/migration-policy.ts';
import type { Migration } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import type { Reason } from '../../api/reasons.ts';
import type { Denial } from '../review.ts';
import { evictionTable, type Kind, type RowName } from './table.ts';

export interface Notice {
  readonly reason: Reason;
  readonly message: string;
}

/** A Migration that is to be made behind the answer. */
export interface Order {
  readonly pod: Pod;
  readonly policy: MigrationPolicySpec;
  /** One of that pod that was withdrawn: it has the name, and has to go first. */
  readonly instead?: Migration | undefined;
}

/** What an eviction is answered, and what is to be done for it. */
export interface EvictionVerdict {
  readonly row: RowName;
  /** Without one the eviction passes. */
  readonly denial?: Denial | undefined;
  readonly warnings?: readonly string[] | undefined;
  /** What is told on the pod. */
  readonly notice?: Notice | undefined;
  readonly order?: Order | undefined;
}

type RowOf<Answer extends Kind> = {
  [Name in RowName]: (typeof evictionTable)[Name]['answer'] extends Answer ? Name : never;
}[RowName];

export const passes = (row: RowOf<'allow'>): EvictionVerdict => ({ row });

export const warns = (row: RowOf<'warn'>, message: string): EvictionVerdict => ({
  row,
  warnings: [message],
  ...(row !== 'misspelt' && { notice: { reason: 'EvictionAllowed', message } }),
});

/** The reason has to be set as well: without one the API server writes Forbidden beside the code. */
export const refusals = {
  later: { code: 429, reason: 'TooManyRequests' },
  gone: { code: 404, reason: 'NotFound' },
} as const;

export const denies = (row: RowOf<'later' | 'gone'>, message: string, order?: Order): EvictionVerdict => ({
  row,
  denial: { ...refusals[evictionTable[row].answer], message },
  ...(order && { order }),
});
