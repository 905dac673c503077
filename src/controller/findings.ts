import type { MigrationNode } from '../api/migration-node.ts';
import type { Pod } from '../api/pod.ts';
import type { Finding } from '../api/reasons.ts';
import type { Clock } from '../clock/clock.ts';
import type { Lookup } from '../kube/lookup.ts';
import { findingsOf } from '../migration/eligibility.ts';
import type { PolicyOf } from './policies/choice.ts';
import { type KnownAround, surroundingsFrom } from './surroundings.ts';

/** Every reason why a pod cannot be moved, from memory. */
export type FindingsOf = (pod: Pod) => readonly Finding[];

export interface KnownOfPods extends KnownAround {
  readonly migrationNodes: Lookup<MigrationNode>;
  readonly policyOf: PolicyOf;
  readonly clock: Pick<Clock, 'now'>;
}

export const findingsFrom = (known: KnownOfPods): FindingsOf => {
  const { migrationNodes, policyOf, clock } = known;
  const surroundingsOf = surroundingsFrom(known);
  return (pod) =>
    findingsOf({
      pod,
      sourceNode: pod.spec.nodeName === undefined ? undefined : migrationNodes.get({ name: pod.spec.nodeName }),
      policy: policyOf(pod),
      now: clock.now(),
      ...surroundingsOf(pod),
    });
};
