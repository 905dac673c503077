import type { Finding } from '../api/reasons.ts';
import type { Check, EligibilityFacts } from './eligibility/check.ts';
import { volumeIsLocal, volumeIsReadWriteOnce } from './eligibility/claims.ts';
import { usesDevice, usesGPU } from './eligibility/devices.ts';
import * as isolation from './eligibility/isolation.ts';
import { hasStopHook, signalsAreNotHeld } from './eligibility/namesake.ts';
import * as network from './eligibility/network.ts';
import { sourceNodeHasNoAgent } from './eligibility/node.ts';
import { ownerIsDaemonSet, ownerIsNotSupported, podIsMirror } from './eligibility/owner.ts';
import { noNodeFits } from './eligibility/places.ts';
import { policiesConflict } from './eligibility/policy.ts';
import * as request from './eligibility/request.ts';
import { hasUnsupportedVolume, usesHostPath } from './eligibility/storage.ts';

export type { EligibilityFacts, Surroundings } from './eligibility/check.ts';

/** The first is the one that becomes the Migration's reason, so what matters most to the user comes first. */
const checks: readonly Check[] = [
  request.podIsTerminating, // nothing is left to move
  request.podIsInitializing, // its own processes are yet to come
  request.podIsNotRunning, // no process yet, or none any more
  request.annotationIsMalformed, // "True" or "yes" may mean anything
  request.annotationIsUnknown, // a misspelt name would do nothing
  request.podDidNotOptIn,
  request.podIsTarget, // half of another move
  policiesConflict, // nobody has said under which limits
  podIsMirror, // the kubelet would make it anew from its file
  ownerIsDaemonSet, // the DaemonSet would make another on the source
  ownerIsNotSupported, // nobody would own the target
  signalsAreNotHeld, // its processes would end with its object
  hasStopHook, // its processes would be told to end
  isolation.usesHostNetwork, // sockets of the node stay on the node
  isolation.usesHostPID, // PIDs are taken on the other node
  isolation.usesHostIPC, // shared memory of the node stays there
  isolation.usesHostPort, // a port of the node's address
  network.hasIPv6, // agents carry IPv4 only
  network.hasSeveralInterfaces, // agents carry the first one only
  isolation.sharesProcessNamespace, // runc restores each container into a namespace of its own
  isolation.hasStartHook, // the kubelet would run it once more
  isolation.hasEphemeralContainer, // the API server refuses them in a new pod
  isolation.usesTerminal, // CRIU would need the other end of the pty
  isolation.isPrivileged, // devices and kernel objects of the node
  isolation.usesUserNamespace, // each node maps IDs differently
  isolation.namesForeignRuntimeClass, // our wrapper would not be called
  isolation.choosesCheckpointOptions, // CRIU runs as root on the node
  usesHostPath, // files of the node stay there
  volumeIsLocal,
  volumeIsReadWriteOnce, // both nodes would hold it
  hasUnsupportedVolume,
  usesGPU,
  usesDevice,
  sourceNodeHasNoAgent,
  noNodeFits,
];

/**
 * Everything that speaks against moving this pod, as far as the API server
 * knows; empty when nothing does. The source agent's look at the processes
 * comes after. The webhook, the controller and `kubectl transship check` all
 * ask here, so that they give the same answer in the same words.
 */
export const findingsOf = (facts: EligibilityFacts): readonly Finding[] =>
  checks.map((check) => check(facts)).filter((found) => found !== undefined);
