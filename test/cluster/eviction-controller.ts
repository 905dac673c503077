import { until } from '../../lab/wait.ts';
import type { Eviction, ResponderStatus } from '../../src/api/eviction.ts';
import { evictionResponder } from '../../src/api/names.ts';
import { timestamp } from '../../src/clock/clock.ts';
import { apply, getJson, kubectl } from './kubectl.ts';
import type { PodView } from './redis.ts';

/*
 * Kubernetes 1.37.2 serves EvictionRequests and has no controller for them: one
 * stays as it was created, and no Eviction comes of it. Here a test does what
 * that controller is to do (kubernetes pkg/apis/lifecycle/v1alpha1 types.go).
 */

const apiVersion = 'lifecycle.k8s.io/v1alpha1';
const requester = 'example.org/maintenance';
const evictor = 'imperative-eviction.k8s.io/evictor';

interface Ref {
  readonly namespace: string;
  readonly name: string;
}

const patchStatus = async ({ namespace, name }: Ref, status: object): Promise<void> => {
  const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })];
  await kubectl('patch', 'evictions.lifecycle.k8s.io', name, '-n', namespace, ...patch);
};

const respondersOf = (state: string) => [
  { name: evictionResponder, priority: 20_000, state },
  { name: evictor, priority: 100, state: 'Inactive' },
];

/** Asks for the eviction of a pod as a user does, and makes the Eviction that comes of it, with our turn begun. */
export const requestEviction = async ({ metadata: { namespace, name, uid } }: PodView): Promise<Ref> => {
  const target = { pod: { name, uid } };
  const eviction = { namespace, name: `of-${uid}` };
  await apply(
    {
      ...{ apiVersion, kind: 'EvictionRequest', metadata: { namespace, name } },
      spec: { target, requester, intent: 'Eviction' },
    },
    { apiVersion, kind: 'Eviction', metadata: eviction, spec: { target } },
  );
  await patchStatus(eviction, {
    requesters: [{ name: requester, intent: 'Eviction' }],
    targetResponders: respondersOf('Active'),
    responders: [{ name: evictionResponder, startTime: timestamp(Date.now()) }, { name: evictor }],
  });
  return eviction;
};

/** Nobody wants the eviction any more. */
export const withdrawEviction = (eviction: Ref): Promise<void> =>
  patchStatus(eviction, {
    requesters: [{ name: requester, intent: 'Withdrawn' }],
    targetResponders: respondersOf('Canceled'),
    conditions: [
      {
        ...{ type: 'Failed', status: 'True', reason: 'CanceledDueToNoRequesters', message: 'withdrawn' },
        lastTransitionTime: timestamp(Date.now()),
      },
    ],
  });

/** What Transship has said of it. */
export const responseTo = async ({ namespace, name }: Ref): Promise<ResponderStatus | undefined> => {
  const { status } = await getJson<Eviction>('evictions.lifecycle.k8s.io', name, '-n', namespace);
  return status?.responders?.find((responder) => responder.name === evictionResponder);
};

/** The same, once there is nothing more to say. */
export const completedResponse = (eviction: Ref): Promise<ResponderStatus> =>
  until({ what: `the response to Eviction ${eviction.name} to be complete`, timeoutMs: 60_000 }, async () => {
    const response = await responseTo(eviction);
    return response?.completionTime === undefined ? undefined : response;
  });
