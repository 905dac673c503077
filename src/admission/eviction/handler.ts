import { isCordoned, isDecommissioned } from '../../api/closed-node.ts';
import type { Migration } from '../../api/migration.ts';
import type { Node, Pod } from '../../api/pod.ts';
import type { Finding } from '../../api/reasons.ts';
import type { Clock } from '../../clock/clock.ts';
import type { EventRecorder } from '../../kube/events.ts';
import type { Lookup } from '../../kube/lookup.ts';
import type { Log } from '../../log/log.ts';
import { builtIn, type PolicyChoice } from '../../migration/policy/policy.ts';
import type { Answer, ReviewRequest } from '../review.ts';
import type { Evacuations } from './evacuations.ts';
import type { EvictionVerdict, Notice } from './outcome.ts';
import { evictionRequestOf } from './request.ts';
import { evictionVerdict } from './verdict.ts';

interface AskedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | undefined;
}

export interface EvictionPorts {
  readonly pods: Lookup<Pod>;
  readonly nodes: Lookup<Node>;
  /** Those of or to pods of that name and of the pod of that UID, in that namespace. */
  readonly migrationsAbout: (pod: AskedPod) => readonly Migration[];
  /** The policy that holds for a pod now. */
  readonly policyOf: (pod: Pod) => PolicyChoice;
  /** Every reason why a pod cannot be moved, from memory. */
  readonly findingsOf: (pod: Pod) => readonly Finding[];
  readonly evacuations: Pick<Evacuations, 'request' | 'troubleOf'>;
  readonly events: EventRecorder;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

const isNodeClosed = (pod: Pod | undefined, nodes: Lookup<Node>): boolean => {
  const node = nodes.get({ name: pod?.spec.nodeName ?? '' });
  return node !== undefined && (isCordoned(node) || isDecommissioned(node));
};

const tell = (events: EventRecorder, pod: Pod, { reason, message }: Notice): void => {
  const { namespace, name, uid } = pod.metadata;
  events.record({ apiVersion: 'v1', kind: 'Pod', namespace, name, uid }, 'Warning', reason, message);
};

/** None of it is waited for. */
const act = ({ notice, order }: EvictionVerdict, pod: Pod | undefined, ports: EvictionPorts): void => {
  if (order) ports.evacuations.request(order);
  if (notice && pod) tell(ports.events, pod, notice);
};

/** Gathers, decides, acts. A request that is no eviction of a pod is none of our business and passes. */
export const answerEviction = (request: ReviewRequest, ports: EvictionPorts): Answer => {
  const eviction = evictionRequestOf(request);
  if (!eviction) return {};
  const { namespace, name, podUID: uid } = eviction;
  const pod = ports.pods.get({ namespace, name });
  const verdict = evictionVerdict({
    eviction,
    pod,
    isNodeClosed: isNodeClosed(pod, ports.nodes),
    migrations: ports.migrationsAbout({ namespace, name, uid }),
    policy: pod ? ports.policyOf(pod) : builtIn,
    now: ports.clock.now(),
    findingsOf: ports.findingsOf,
    trouble: pod && ports.evacuations.troubleOf(pod.metadata.uid),
  });
  act(verdict, pod, ports);
  ports.log.debug({ pod: `${namespace}/${name}`, row: verdict.row }, 'Answered eviction');
  return { denial: verdict.denial, warnings: verdict.warnings };
};
