import { evictionResponder, migrateAnnotation, migrationAnnotation, runtimeClass } from '../api/names.ts';
import type { Container, Pod } from '../api/pod.ts';
import { sentenceOf } from '../api/reasons.ts';
import type { Check } from '../migration/eligibility/check.ts';
import * as isolation from '../migration/eligibility/isolation.ts';
import { ownerIsDaemonSet, podIsMirror } from '../migration/eligibility/owner.ts';
import { builtIn } from '../migration/policy/policy.ts';
import { annotationMistakes } from './annotation-mistakes.ts';
import type { Answer, PatchOperation } from './review.ts';

/*
 * What a pod needs from its birth to be movable later. Nothing that the user
 * set is changed, and a pod that can never move is left exactly as it came.
 */

/** Only what no later version of ours could get around. */
const forGood: readonly Check[] = [
  podIsMirror,
  ownerIsDaemonSet,
  isolation.usesHostNetwork,
  isolation.usesHostPID,
  isolation.usesHostIPC,
  isolation.usesHostPort,
  isolation.usesUserNamespace,
  isolation.isPrivileged,
  isolation.namesForeignRuntimeClass,
];

const isLinux = ({ spec }: Pod): boolean => (spec['os'] as { name?: string } | undefined)?.name !== 'windows';

const mayEverMove = (pod: Pod): boolean =>
  isLinux(pod) &&
  forGood.every((check) => check({ pod, sourceNode: undefined, policy: builtIn, now: 0 }) === undefined);

const add = (path: string, value: unknown): PatchOperation => ({ op: 'add', path, value });

const runtimePatch = ({ spec }: Pod): PatchOperation[] =>
  spec.runtimeClassName === undefined ? [add('/spec/runtimeClassName', runtimeClass)] : [];

/** RuntimeDefault keeps io_uring away, which CRIU cannot dump and libuv uses. A container that names a profile keeps its own. */
const seccompPatch = ({ spec }: Pod): PatchOperation[] => {
  const named = spec.securityContext?.seccompProfile !== undefined;
  const allNamed = spec.containers.every(({ securityContext }) => securityContext?.seccompProfile !== undefined);
  if (named || allNamed) return [];
  const seccompProfile = { type: 'RuntimeDefault' };
  return spec.securityContext
    ? [add('/spec/securityContext/seccompProfile', seccompProfile)]
    : [add('/spec/securityContext', { seccompProfile })];
};

/** Go from 1.24 on listens with multipath TCP, which CRIU cannot dump (checkpoint-restore/criu#2655). Other programs ignore the variable. */
const goDebug = { name: 'GODEBUG', value: 'multipathtcp=0' };

const environmentPatch = ({ env }: Container, path: string): PatchOperation[] => {
  if (env?.some(({ name }) => name === goDebug.name)) return [];
  return env ? [add(`${path}/env/-`, goDebug)] : [add(`${path}/env`, [goDebug])];
};

/** Init containers have ended before a pod moves, but for those that are restarted always: the sidecars. */
const environmentPatches = ({ spec }: Pod): PatchOperation[] => [
  ...spec.containers.flatMap((container, index) => environmentPatch(container, `/spec/containers/${index}`)),
  ...(spec.initContainers ?? []).flatMap((container, index) =>
    container.restartPolicy === 'Always' ? environmentPatch(container, `/spec/initContainers/${index}`) : [],
  ),
];

/**
 * Before the controller that owns the pod, for which the API names 10000: it
 * would start another pod where this one can be moved. Far from the highest of
 * 100000, so that others may come before us.
 */
const responder = { name: evictionResponder, priority: 20_000 };

/** The most that the API server takes of a pod. */
const mostResponders = 10;

/** Without it nobody asks us about an EvictionRequest of the pod; it cannot be added later. Pods of a PodGroup may have none. */
const responderPatch = ({ spec }: Pod): PatchOperation[] => {
  const { evictionResponders: given } = spec;
  if (given === undefined && spec['schedulingGroup'] === undefined)
    return [add('/spec/evictionResponders', [responder])];
  if (!given || given.length >= mostResponders || given.some(({ name }) => name === responder.name)) return [];
  return [add('/spec/evictionResponders/-', responder)];
};

const isOptedIn = ({ metadata }: Pod): boolean => metadata.annotations?.[migrateAnnotation] === 'true';

/** A target is made from a source that has been prepared, and must equal it. */
const isTarget = ({ metadata }: Pod): boolean => metadata.annotations?.[migrationAnnotation] !== undefined;

export interface PreparationOptions {
  /** Does the API server serve lifecycle.k8s.io, and do we respond to what comes of it? */
  readonly respondsToEvictions: boolean;
}

export const preparationOf = (
  pod: Pod,
  { respondsToEvictions }: PreparationOptions = { respondsToEvictions: false },
): Answer => {
  if (isTarget(pod)) return { warnings: [], patch: [] };
  const isPrepared = isOptedIn(pod) && mayEverMove(pod);
  return {
    warnings: annotationMistakes(pod).map((mistake) => sentenceOf([mistake])),
    patch: isPrepared
      ? [
          ...runtimePatch(pod),
          ...seccompPatch(pod),
          ...environmentPatches(pod),
          ...(respondsToEvictions ? responderPatch(pod) : []),
        ]
      : [],
  };
};
