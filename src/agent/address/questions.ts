import { migrateAnnotation, migrationAnnotation, movedFromAnnotation } from '../../api/names.ts';
import { isFinished, isCommitted } from '../../api/phase.ts';
import { type Migration, phaseOf } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import { migrations, pods } from '../../api/resource.ts';
import { sentenceOf } from '../../api/reasons.ts';
import { isNotFound } from '../../kube/api-error.ts';
import type { Log } from '../../log/log.ts';
import type { AddressRequest } from '../doorbell/request.ts';
import { cniResult } from './cni-result.ts';
import { type LeaseOptions, leaseOf, takeAddress } from './leases.ts';

/** The word that `transship-ipam` gets: a CNI result, an error, "done", or "delegate" to the network's own plugin. */
export type Answer = `result ${string}` | `fail ${string}` | 'done' | 'delegate';

const questionLimitMs = 8_000;

const isTarget = (pod: Pod): boolean => {
  const annotations = pod.metadata.annotations ?? {};
  return annotations[migrationAnnotation] !== undefined && annotations[movedFromAnnotation] === undefined;
};

const targetAnswer = (request: AddressRequest, pod: Pod, migration: Migration | undefined): Answer => {
  const refusal = (message: string): Answer => `fail ${sentenceOf([{ reason: 'RendezvousUnknown', message }])}`;
  const name = pod.metadata.annotations?.[migrationAnnotation] ?? '';
  if (!migration)
    return refusal(`Migration ${request.namespace}/${name} of target pod ${request.podName} does not exist`);
  const phase = phaseOf(migration);
  const isItsTarget = migration.status?.target?.podName === request.podName;
  if (!isItsTarget || (isFinished(phase) && !isCommitted(phase)))
    return refusal(`Migration ${request.namespace}/${name} does not wait for pod ${request.podName} (phase ${phase})`);
  const address = migration.status?.source?.address;
  return address
    ? `result ${cniResult(request.cniVersion, address)}`
    : refusal(`Migration ${request.namespace}/${name} has no address of its source yet`);
};

/** Answers the questions of `transship-ipam`. Never throws: on any doubt the network's own plugin decides. */
export const answerAddress = async (
  options: LeaseOptions & { readonly log: Log },
  request: AddressRequest,
): Promise<Answer> => {
  const { api, leases, log } = options;
  const { namespace, podName: name } = request;
  const signal = AbortSignal.timeout(questionLimitMs);
  try {
    const lease = leaseOf(leases, namespace, name);
    if (request.command === 'CHECK') return lease ? 'done' : 'delegate';
    if (request.command === 'DEL') {
      if (!lease || lease.spec.nodeName !== options.here) return 'delegate';
      if (lease.spec.pool === undefined) return 'delegate';
      // A sandbox that is made anew keeps its pod and so its address; the controller gives back what no pod has.
      return 'done';
    }
    if (lease?.spec.nodeName === options.here) return `result ${cniResult(request.cniVersion, lease.spec)}`;
    const pod = await api.get(pods, { namespace, name }, signal);
    if (isTarget(pod)) {
      const key = { namespace, name: pod.metadata.annotations?.[migrationAnnotation] ?? '' };
      const migration = await api.get(migrations, key, signal).catch((error: unknown) => {
        if (isNotFound(error)) return undefined;
        throw error;
      });
      return targetAnswer(request, pod, migration);
    }
    if (pod.metadata.annotations?.[migrateAnnotation] !== 'true') return 'delegate';
    const taken = await takeAddress(options, pod, signal);
    return taken ? `result ${cniResult(request.cniVersion, taken)}` : 'delegate';
  } catch (error) {
    log.warn(
      { error, pod: `${namespace}/${name}` },
      'Could not answer for an address, so the plugin of the network does',
    );
    return 'delegate';
  }
};
