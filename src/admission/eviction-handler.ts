import type { Migration } from '../api/migration.ts';
import type { Pod } from '../api/pod.ts';
import type { Finding } from '../api/reasons.ts';
import { migrations as migrationResource } from '../api/resource.ts';
import type { Clock } from '../clock/clock.ts';
import { isAlreadyExists } from '../kube/api-error.ts';
import type { KubeApi } from '../kube/api.ts';
import type { EventRecorder } from '../kube/events.ts';
import { ensureGone } from '../kube/live.ts';
import type { Lookup } from '../kube/lookup.ts';
import type { Log } from '../log/log.ts';
import { draftOf } from '../migration/draft.ts';
import { builtIn, type PolicyChoice } from '../migration/policy.ts';
import { evictionRequestOf } from './eviction-request.ts';
import {
  evacuating,
  type EvictionVerdict,
  evictionVerdict,
  later,
  type MoveVerdict,
  type Notice,
  refOf,
} from './eviction-verdict.ts';
import type { Answer, ReviewRequest } from './review.ts';

export interface EvictionPorts {
  readonly pods: Lookup<Pod>;
  readonly migrations: Lookup<Migration>;
  /** The policy that holds for a pod now. */
  readonly policyOf: (pod: Pod) => PolicyChoice;
  /** Every reason why a pod cannot be moved, from memory. */
  readonly findingsOf: (pod: Pod) => readonly Finding[];
  readonly api: Pick<KubeApi, 'create' | 'delete'>;
  readonly events: EventRecorder;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/** The API server waits 3 s for us, and after that lets the eviction kill the pod (failurePolicy Ignore). */
const creationTimeoutMs = 2_000;

const tell = (events: EventRecorder, pod: Pod, type: 'Normal' | 'Warning', { reason, message }: Notice): void => {
  const { namespace, name, uid } = pod.metadata;
  events.record({ apiVersion: 'v1', kind: 'Pod', namespace, name, uid }, type, reason, message);
};

/** Records the wish for a move, so that it outlives this process, and only then answers. */
const startMove = async (
  { pod, policy, instead }: MoveVerdict,
  { api, events, log }: EvictionPorts,
): Promise<Answer> => {
  const draft = draftOf(pod, 'Eviction', policy);
  const { namespace, name } = draft.metadata;
  const signal = AbortSignal.timeout(creationTimeoutMs);
  try {
    // It has the name that the new one is to get.
    if (instead) await ensureGone(api, migrationResource, instead, signal);
    await api.create(migrationResource, namespace, draft, {}, signal);
    log.info({ pod: refOf(pod), migration: name }, 'Turned eviction into migration');
    const message = `Pod ${refOf(pod)} is moved by Migration ${namespace}/${name} instead of being evicted`;
    tell(events, pod, 'Normal', { reason: 'EvacuationTriggered', message });
  } catch (error) {
    if (!isAlreadyExists(error)) {
      log.warn({ error, pod: refOf(pod) }, 'Failed to create migration for eviction');
      const why = error instanceof Error ? error.message : String(error);
      return { denial: later(`could not record the evacuation of pod ${refOf(pod)}: ${why}; retry`) };
    }
  }
  return { denial: evacuating(pod, `${namespace}/${name}`, 'Pending') };
};

const act = async (verdict: EvictionVerdict, pod: Pod | undefined, ports: EvictionPorts): Promise<Answer> => {
  if (verdict.kind === 'move') return startMove(verdict, ports);
  if (verdict.kind === 'deny') return { denial: verdict.denial };
  if (verdict.notice && pod) tell(ports.events, pod, 'Warning', verdict.notice);
  return { warnings: verdict.warnings };
};

/** Gathers, decides, acts. A request that is no eviction of a pod is none of our business and passes. */
export const answerEviction = async (request: ReviewRequest, ports: EvictionPorts): Promise<Answer> => {
  const eviction = evictionRequestOf(request);
  if (!eviction) return {};
  const { namespace, name } = eviction;
  const pod = ports.pods.get({ namespace, name });
  const verdict = evictionVerdict({
    eviction,
    pod,
    migrations: ports.migrations.items().filter((migration) => migration.metadata.namespace === namespace),
    policy: pod ? ports.policyOf(pod) : builtIn,
    now: ports.clock.now(),
    findingsOf: ports.findingsOf,
  });
  return act(verdict, pod, ports);
};
