import { z } from 'zod';
import { metadata } from './metadata.ts';
import { evictionResponder } from './names.ts';

/*
 * Eviction of lifecycle.k8s.io/v1alpha1 (KEP-4563, alpha in Kubernetes 1.37), as
 * far as a responder reads it. It is made of EvictionRequests by a controller of
 * Kubernetes and lives for as long as somebody wants the pod gone; the Eviction
 * of policy/v1, which `kubectl drain` sends, is a request and no object.
 */

const podReference = z.looseObject({ name: z.string(), uid: z.string() });
export type PodReference = z.infer<typeof podReference>;

/** Who is to respond, and whose turn it is. No enumeration: a state that a later version adds is none of ours. */
const targetResponder = z.looseObject({ name: z.string(), state: z.string() });

/** What one responder has said. Loose: a merge patch replaces the list whole, so what others have said has to be written back. */
const responderStatus = z.looseObject({
  name: z.string(),
  startTime: z.string().optional(),
  heartbeatTime: z.string().optional(),
  expectedCompletionTime: z.string().optional(),
  completionTime: z.string().optional(),
  message: z.string().optional(),
});
export type ResponderStatus = z.infer<typeof responderStatus>;

const evictionStatus = z.looseObject({
  conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).optional(),
  targetResponders: z.array(targetResponder).optional(),
  responders: z.array(responderStatus).optional(),
});

export const eviction = z.looseObject({
  metadata,
  spec: z.looseObject({ target: z.looseObject({ pod: podReference.optional() }) }),
  status: evictionStatus.optional(),
});
export type Eviction = z.infer<typeof eviction>;

/** The pod that is to go; undefined for targets that a later version knows. */
export const evictedPod = ({ spec }: Eviction): PodReference | undefined => spec.target.pod;

/** Has the pod named us among its responders? */
export const namesUs = ({ status }: Eviction): boolean =>
  status?.targetResponders?.some(({ name }) => name === evictionResponder) ?? false;

const holds = ({ status }: Eviction, type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;

/** The pod is gone, or has ended. */
export const isEvicted = (of: Eviction): boolean => holds(of, 'TargetEvicted');

/** Nobody responds any more, whatever came of it. */
const isOver = (of: Eviction): boolean => isEvicted(of) || holds(of, 'Failed');

const isActive = ({ status }: Eviction): boolean =>
  status?.targetResponders?.some(({ name, state }) => name === evictionResponder && state === 'Active') ?? false;

/**
 * What we have said of an Eviction, while it is our turn to say more: it has
 * begun, and neither we nor the controller have ended it. The API server refuses
 * what a responder writes at any other time.
 */
export const ourTurn = (of: Eviction): ResponderStatus | undefined => {
  if (!isActive(of) || isOver(of)) return undefined;
  const said = of.status?.responders?.find(({ name }) => name === evictionResponder);
  return said?.startTime !== undefined && said.completionTime === undefined ? said : undefined;
};
