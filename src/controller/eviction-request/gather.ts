import { evictedPod, type Eviction } from '../../api/eviction.ts';
import type { MigrationNode } from '../../api/migration-node.ts';
import type { Migration } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import type { Clock } from '../../clock/clock.ts';
import type { Key } from '../../kube/api.ts';
import type { Lookup } from '../../kube/lookup.ts';
import { findingsOf } from '../../migration/eligibility.ts';
import { isMoveOf, type NamedPod, uidOfMove } from '../../migration/move-of.ts';
import type { PolicyOf } from '../policies/choice.ts';
import type { ResponseFacts, StandingPod } from './facts.ts';

export interface KnownOfEvictions {
  readonly evictions: Lookup<Eviction>;
  readonly pods: Lookup<Pod>;
  readonly migrations: Lookup<Migration>;
  readonly migrationNodes: Lookup<MigrationNode>;
  readonly policyOf: PolicyOf;
  readonly clock: Pick<Clock, 'now'>;
}

/** A pod by its UID, because another of its name may follow it. */
export const keyOfPod = (namespace: string | undefined, uid: string): Key => ({ namespace, name: uid });

export const isOfPod =
  ({ namespace, name: uid }: Key) =>
  (eviction: Eviction): boolean =>
    eviction.metadata.namespace === namespace && evictedPod(eviction)?.uid === uid;

/** Whoever speaks of a pod knows its name besides. */
const nameOf = (key: Key, evictions: readonly Eviction[], migrations: readonly Migration[]): string | undefined =>
  evictions.map(evictedPod)[0]?.name ??
  migrations.find((each) => each.metadata.namespace === key.namespace && uidOfMove(each) === key.name)?.spec.podName;

const standingPod = (known: KnownOfEvictions, { metadata }: NamedPod, now: number): StandingPod | undefined => {
  const pod = known.pods.get({ namespace: metadata.namespace, name: metadata.name });
  if (pod?.metadata.uid !== metadata.uid) return undefined;
  const policy = known.policyOf(pod);
  const sourceNode =
    pod.spec.nodeName === undefined ? undefined : known.migrationNodes.get({ name: pod.spec.nodeName });
  return { pod, policy, findings: findingsOf({ pod, sourceNode, policy, now }) };
};

/** All of it from memory; undefined when nobody speaks of that pod. */
export const gather = (known: KnownOfEvictions, key: Key): ResponseFacts | undefined => {
  const evictions = known.evictions.items().filter(isOfPod(key));
  const migrations = known.migrations.items();
  const name = nameOf(key, evictions, migrations);
  if (name === undefined) return undefined;
  const named: NamedPod = { metadata: { namespace: key.namespace, name, uid: key.name } };
  const now = known.clock.now();
  return {
    named,
    standing: standingPod(known, named, now),
    evictions,
    migrations: migrations.filter(isMoveOf(named)),
    now,
  };
};
