import type { IPLease } from '../../api/addresses.ts';
import { migrateAnnotation, migrationAnnotation, movedFromAnnotation } from '../../api/names.ts';
import { isFinished, isCommitted } from '../../api/phase.ts';
import { type Migration, phaseOf } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import { migrations, pods } from '../../api/resource.ts';
import { type Finding, sentenceOf } from '../../api/reasons.ts';
import { isNotFound } from '../../kube/api-error.ts';
import type { Key, KubeApi } from '../../kube/api.ts';
import type { EventRecorder } from '../../kube/events.ts';
import { isTargetName } from '../../migration/target-pod/target-name.ts';
import type { Log } from '../../log/log.ts';
import type { AddressRequest } from '../doorbell/request.ts';
import { cniResult } from './cni-result.ts';
import { type LeaseOptions, leaseOf, takeAddress } from './leases.ts';

/** The word that `transship-ipam` gets: a CNI result, an error, "done", or "delegate" to the network's own plugin. */
export type Answer = `result ${string}` | `fail ${string}` | 'done' | 'delegate';

const questionLimitMs = 8_000;

/** The name of the Migration whose target a pod is, or was. */
const migrationOf = (pod: Pod): string => pod.metadata.annotations?.[migrationAnnotation] ?? '';

const isTarget = (pod: Pod): boolean => {
  const annotations = pod.metadata.annotations ?? {};
  return annotations[migrationAnnotation] !== undefined && annotations[movedFromAnnotation] === undefined;
};

const refusal = (message: string): Answer => `fail ${sentenceOf([{ reason: 'RendezvousUnknown', message }])}`;

/** Why a Migration gives this pod no address; undefined when it does. */
const objection = (name: string, podName: string, migration: Migration | undefined): string | undefined => {
  if (!migration) return `Migration ${name} of target pod ${podName} does not exist`;
  const phase = phaseOf(migration);
  const isItsTarget = migration.status?.target?.podName === podName;
  return !isItsTarget || (isFinished(phase) && !isCommitted(phase))
    ? `Migration ${name} does not wait for pod ${podName} (phase ${phase})`
    : undefined;
};

/** A target gets the address of its source. */
const targetAnswer = (request: AddressRequest, pod: Pod, migration: Migration | undefined): Answer => {
  const name = `${request.namespace}/${migrationOf(pod)}`;
  const refused = objection(name, request.podName, migration);
  if (refused !== undefined) return refusal(refused);
  const address = migration?.status?.source?.address;
  return address
    ? `result ${cniResult(request.cniVersion, address)}`
    : refusal(`Migration ${name} has no address of its source yet`);
};

type Options = LeaseOptions & { readonly log: Log; readonly events: EventRecorder };

const findMigration = async (api: KubeApi, key: Key, signal: AbortSignal): Promise<Migration | undefined> => {
  try {
    return await api.get(migrations, key, signal);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};

/**
 * Whoever asks knows a name only, and a pod that was made anew under it must not get what is about to be given back.
 * While the server is away it is taken for a sandbox that is made anew, whose pod keeps its address.
 */
const answerAdd = async (options: Options, request: AddressRequest, lease: IPLease | undefined): Promise<Answer> => {
  const own = lease?.spec.nodeName === options.here ? lease : undefined;
  const signal = AbortSignal.timeout(questionLimitMs);
  const { namespace, podName: name } = request;
  const pod = await options.api.get(pods, { namespace, name }, signal).catch((error: unknown) => {
    if (own === undefined) throw error;
    return undefined;
  });
  if (own && (!pod || pod.metadata.uid === own.spec.podUID)) return `result ${cniResult(request.cniVersion, own.spec)}`;
  return pod ? answerNewcomer(options, request, pod, signal) : 'delegate';
};

/** The kubelet says it too, among much else, and in the words of the container runtime. */
const tell = (events: EventRecorder, { metadata }: Pod, { reason, message }: Finding): void => {
  const { namespace, name, uid } = metadata;
  const note = `Pod ${namespace ?? 'default'}/${name} waits for an address: ${message}`;
  events.record({ apiVersion: 'v1', kind: 'Pod', namespace, name, uid }, 'Warning', reason, note);
};

/** To a pod that has no lease here yet. */
const answerNewcomer = async (
  options: Options,
  request: AddressRequest,
  pod: Pod,
  signal: AbortSignal,
): Promise<Answer> => {
  if (isTarget(pod)) {
    const key = { namespace: request.namespace, name: migrationOf(pod) };
    return targetAnswer(request, pod, await findMigration(options.api, key, signal));
  }
  if (pod.metadata.annotations?.[migrateAnnotation] !== 'true') return 'delegate';
  const taken = await takeAddress(options, pod, signal);
  if (!taken) return 'delegate';
  if ('lease' in taken) return `result ${cniResult(request.cniVersion, taken.lease)}`;
  tell(options.events, pod, taken.none);
  return `fail ${sentenceOf([taken.none])}`;
};

/** A sandbox that is made anew keeps its pod and so its address; the controller gives back what no pod has. */
const keepsItsAddress = (lease: IPLease | undefined, here: string): boolean =>
  lease?.spec.pool !== undefined && lease.spec.nodeName === here;

/** With any other address than its own a target ends its move, or is cut off if it has moved already. */
const inDoubt = ({ podName }: AddressRequest, error: unknown): Answer =>
  isTargetName(podName)
    ? `fail the address of the moved pod ${podName} could not be read (${error instanceof Error ? error.message : String(error)}); it is asked for again`
    : 'delegate';

/** Answers the questions of `transship-ipam`. Never throws: on doubt the network's own plugin decides, but for targets. */
export const answerAddress = async (options: Options, request: AddressRequest): Promise<Answer> => {
  const lease = leaseOf(options, request.namespace, request.podName);
  switch (request.command) {
    case 'CHECK':
      return lease ? 'done' : 'delegate';
    case 'DEL':
      return keepsItsAddress(lease, options.here) ? 'done' : 'delegate';
    case 'ADD':
      try {
        return await answerAdd(options, request, lease);
      } catch (error) {
        options.log.warn({ error, pod: `${request.namespace}/${request.podName}` }, 'Could not answer for an address');
        return inDoubt(request, error);
      }
  }
};
