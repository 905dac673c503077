import { untouchedNamespaces } from '../../api/group.ts';
import type { MigrationNode } from '../../api/migration-node.ts';
import type { Migration } from '../../api/migration.ts';
import type { Node, Pod } from '../../api/pod.ts';
import { migrations as migrationResource } from '../../api/resource.ts';
import type { Clock } from '../../clock/clock.ts';
import { isAlreadyExists, isConflict, isNotFound, isRefused } from '../../kube/api-error.ts';
import type { Key, KubeApi } from '../../kube/api.ts';
import { ensureGone } from '../../kube/live.ts';
import { keyOf, type Lookup } from '../../kube/lookup.ts';
import type { Outcome } from '../../kube/queue.ts';
import type { Log } from '../../log/log.ts';
import { draftOf } from '../../migration/draft.ts';
import { findingsOf } from '../../migration/eligibility.ts';
import { withdrawal } from '../../migration/withdrawal.ts';
import type { PolicyOf } from '../policies/choice.ts';
import { type CordonStep, decideCordon } from './decide.ts';
import type { CordonFacts, MovablePod } from './facts.ts';
import { isOnNode } from './triggers.ts';

export interface CordonPorts {
  readonly api: Pick<KubeApi, 'create' | 'patch' | 'delete'>;
  readonly nodes: Lookup<Node>;
  readonly pods: Lookup<Pod>;
  readonly migrations: Lookup<Migration>;
  readonly migrationNodes: Lookup<MigrationNode>;
  readonly policyOf: PolicyOf;
  readonly clock: Clock;
  readonly log: Log;
}

/** Until a Migration that had to go is gone; its finalizer is the mover's to take away. */
const lookAgainMs = 1_000;

const movablePods = (ports: CordonPorts, name: string): readonly MovablePod[] => {
  const sourceNode = ports.migrationNodes.get({ name });
  const now = ports.clock.now();
  return ports.pods
    .items()
    .filter(({ metadata, spec }) => spec.nodeName === name && !untouchedNamespaces.includes(metadata.namespace ?? ''))
    .flatMap((pod) => {
      const policy = ports.policyOf(pod);
      const isMovable = findingsOf({ pod, sourceNode, policy, now }).length === 0;
      return isMovable && !('conflict' in policy) ? [{ pod, policy: policy.spec }] : [];
    });
};

const gather = (ports: CordonPorts, { name }: Key): CordonFacts | undefined => {
  const node = ports.nodes.get({ name });
  if (!node) return undefined;
  return {
    node,
    pods: movablePods(ports, name),
    migrations: ports.migrations.items().filter((migration) => isOnNode(migration, name, ports.pods)),
  };
};

/** Somebody else was faster, or the API server knows better: the move has committed, the namespace is going. */
const isOvertaken = (error: unknown): boolean =>
  [isNotFound, isConflict, isAlreadyExists, isRefused].some((is) => is(error));

/** Makes a node's pods move when it is cordoned, and takes that back when it is uncordoned. */
export class CordonReconciler {
  readonly #ports: CordonPorts;

  constructor(ports: CordonPorts) {
    this.#ports = ports;
  }

  async reconcile(key: Key, signal: AbortSignal): Promise<Outcome> {
    const facts = gather(this.#ports, key);
    if (!facts) return undefined;
    const steps = decideCordon(facts);
    for (const step of steps) {
      signal.throwIfAborted();
      await this.#attempt(step, key, signal);
    }
    return steps.some((step) => step.do === 'move' && step.instead) ? { afterMs: lookAgainMs } : undefined;
  }

  async #attempt(step: CordonStep, { name: node }: Key, signal: AbortSignal): Promise<void> {
    try {
      if (step.do === 'move') await this.#move(step, node, signal);
      else await this.#withdraw(step.migration, node, signal);
    } catch (error) {
      if (!isOvertaken(error)) throw error;
      this.#ports.log.info({ error, node, step: step.do }, 'Left a migration as it is');
    }
  }

  async #move(
    { pod, policy, instead }: Extract<CordonStep, { do: 'move' }>,
    node: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { api, log } = this.#ports;
    if (instead) await ensureGone(api, migrationResource, instead, signal);
    const draft = draftOf(pod, 'Cordon', policy);
    await api.create(migrationResource, draft.metadata.namespace, draft, {}, signal);
    log.info({ node, migration: draft.metadata }, 'Turned cordon into migration');
  }

  async #withdraw(migration: Migration, node: string, signal: AbortSignal): Promise<void> {
    await this.#ports.api.patch(migrationResource, keyOf(migration), withdrawal(migration), {}, signal);
    this.#ports.log.info({ node, migration: keyOf(migration) }, 'Took migration back after uncordon');
  }
}
