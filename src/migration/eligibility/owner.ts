import { type Check, finding } from './check.ts';

const mirrorAnnotation = 'kubernetes.io/config.mirror';

const controllerOf: (facts: Parameters<Check>[0]) => { readonly kind: string; readonly name: string } | undefined = ({
  pod,
}) => pod.metadata.ownerReferences?.find((owner) => owner.controller === true);

/** The kubelet makes static pods from files; the object is a reflection and cannot be recreated elsewhere. */
export const podIsMirror: Check = (facts) =>
  facts.pod.metadata.annotations?.[mirrorAnnotation] !== undefined || controllerOf(facts)?.kind === 'Node'
    ? finding('MirrorPod', facts.pod, 'is a static pod of its node')
    : undefined;

export const ownerIsDaemonSet: Check = (facts) => {
  const owner = controllerOf(facts);
  return owner?.kind === 'DaemonSet'
    ? finding('DaemonSetPod', facts.pod, `belongs to DaemonSet ${owner.name}, which wants one pod on each node`)
    : undefined;
};

/** Owners that a target can be handed to; a StatefulSet makes it itself (src/migration/namesake). */
const supported: readonly string[] = ['ReplicaSet', 'ReplicationController', 'Job', 'StatefulSet'];
const supportedInWords = `supported are ${supported.join(', ')}, and pods without an owner`;

/** Kinds with findings of their own are not reported twice. */
const reportedElsewhere = new Set([...supported, 'DaemonSet', 'Node']);

export const ownerIsNotSupported: Check = (facts) => {
  const owner = controllerOf(facts);
  if (!owner || reportedElsewhere.has(owner.kind)) return undefined;
  return finding('OwnerNotSupported', facts.pod, `belongs to ${owner.kind} ${owner.name}; ${supportedInWords}`);
};
