import type { Migration } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import type { Finding } from '../../api/reasons.ts';
import type { PolicyChoice } from '../../migration/policy/policy.ts';
import type { EvictionRequest } from './request.ts';

/** Why the Migration that an eviction asked for could not be made so far. */
export interface Trouble {
  readonly why: string;
  /** The API server understood and refused: it will do so again. */
  readonly isRefusal: boolean;
  readonly since: number;
}

/** Everything that the verdict is taken from, all of it from memory. */
export interface EvictionFacts {
  readonly eviction: EvictionRequest;
  readonly pod: Pod | undefined;
  /** The pod's node is cordoned or decommissioned, as by everybody who drains it. */
  readonly isNodeClosed: boolean;
  /** Those of and to pods of that name, and of the pod that the eviction names by its UID. */
  readonly migrations: readonly Migration[];
  /** That of the pod. */
  readonly policy: PolicyChoice;
  readonly now: number;
  /** Why the pod cannot be moved; asked only of a pod that opted in. */
  readonly findingsOf: (pod: Pod) => readonly Finding[];
  /** Of the last time that a Migration was to be made for the pod. */
  readonly trouble?: Trouble | undefined;
}
