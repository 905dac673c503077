import type { Migration } from '../../api/migration.ts';
import {
  adoptionAnnotation,
  deletionCostAnnotation,
  lowestDeletionCost,
  markerEnvironment,
  migrationAnnotation,
  moveAnnotation,
  movedFromAnnotation,
  runtimeClass,
  schedulerName,
  targetLabel,
} from '../../api/names.ts';
import {
  type Container,
  containerStatusesOf,
  hostnameOf,
  lastingContainersOf,
  type Pod,
  type PodSpec,
} from '../../api/pod.ts';
import { firstNote } from '../move-note.ts';
import { heldBackFrom } from '../ownership/held-back.ts';
import { withoutMatchLabelKeys } from './placement.ts';
import { pinnedResolver } from './resolver.ts';
import { targetLabelValue, targetPodName } from './target-name.ts';

/** The service account's admission plugin puts a volume of this name, and mounts of it, into every pod that has none. */
const isInjected = (name: unknown): boolean => typeof name === 'string' && name.startsWith('kube-api-access-');

/** `docker-pullable://` is what cri-dockerd puts before a digest that a registry knows. */
const pullable = /^(?:docker-pullable:\/\/)?([^@\s]+@sha256:[0-9a-f]{64})$/;

/**
 * A tag may mean another image tomorrow, and the restored process has the old
 * one's files mapped. An image that no registry has given the node has no digest
 * to be asked for by; then its tag has to do.
 */
const pinnedImage = (container: Container, source: Pod): string | undefined => {
  const imageID = containerStatusesOf(source).find((status) => status.name === container.name)?.imageID ?? '';
  return pullable.exec(imageID)?.[1] ?? container.image;
};

const withMarker = (container: Container, uid: string): NonNullable<Container['env']> => [
  { name: markerEnvironment, value: uid },
  ...(container.env ?? []).filter((variable) => variable.name !== markerEnvironment),
];

const withoutInjectedMounts = (container: Container): Container => {
  const mounts = container['volumeMounts'];
  if (!Array.isArray(mounts)) return container;
  return { ...container, volumeMounts: mounts.filter((mount: { name?: unknown }) => !isInjected(mount.name)) };
};

/** @param source tells which image its container of this name has. */
export const markedContainer = (container: Container, source: Pod, migration: Migration): Container => ({
  ...container,
  ...(container.image === undefined ? {} : { image: pinnedImage(container, source) }),
  // Always would ask a registry for what the node has. Who wrote Never has brought the image to the nodes himself.
  imagePullPolicy: container.imagePullPolicy === 'Never' ? 'Never' : 'IfNotPresent',
  env: withMarker(container, migration.metadata.uid),
});

const targetContainer = (container: Container, source: Pod, migration: Migration): Container =>
  withoutInjectedMounts(markedContainer(container, source, migration));

/** Fields that belong to the old pod's life, and those that admission computes anew and would find in its way. */
const notTaken: readonly (keyof PodSpec)[] = [
  'nodeName',
  'initContainers',
  'ephemeralContainers',
  'serviceAccount', // the old name of serviceAccountName
  'priority', // from priorityClassName
  'preemptionPolicy', // from priorityClassName
  'overhead', // from the RuntimeClass
  'schedulingGates',
];

const targetSpec = (source: Pod, migration: Migration): PodSpec => {
  const spec = structuredClone(source.spec);
  const taken = Object.fromEntries(Object.entries(spec).filter(([field]) => !notTaken.includes(field)));
  const sidecars = (spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  return {
    ...taken,
    containers: spec.containers.map((container) => targetContainer(container, source, migration)),
    ...(sidecars.length > 0
      ? { initContainers: sidecars.map((sidecar) => targetContainer(sidecar, source, migration)) }
      : {}),
    volumes: (spec.volumes ?? []).filter((volume) => !isInjected(volume.name)),
    hostname: hostnameOf(source),
    ...pinnedResolver(source.spec, migration.status?.source?.resolver),
    runtimeClassName: runtimeClass,
    schedulerName,
    affinity: withoutMatchLabelKeys(taken['affinity']),
    topologySpreadConstraints: withoutMatchLabelKeys(taken['topologySpreadConstraints']),
  };
};

/** Written by tools about the old pod (its last manifest, its network), or by us about its own move. */
const isOfTheOldPod = ([annotation, value]: readonly [string, string]): boolean =>
  annotation === 'kubectl.kubernetes.io/last-applied-configuration' ||
  // What it costs to delete the program its user has said, unless it was us.
  (annotation === deletionCostAnnotation && value === lowestDeletionCost) ||
  [movedFromAnnotation, migrationAnnotation, adoptionAnnotation, moveAnnotation].includes(annotation) ||
  /(^|[./])cni[./]|\.cni\./.test(annotation) ||
  annotation.startsWith('k8s.v1.cni.cncf.io/');

export interface TargetPod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: PodSpec;
}

/** The pod that takes the source's place: the same in everything that its processes can see, and marked so that it is restored, not started. */
export const targetPod = (source: Pod, migration: Migration): TargetPod => {
  const held = heldBackFrom(source);
  const labels = Object.entries(source.metadata.labels ?? {}).filter(([name]) => !(name in held.labels));
  const annotations = Object.entries(source.metadata.annotations ?? {}).filter((entry) => !isOfTheOldPod(entry));
  return {
    metadata: {
      name: migration.status?.target?.podName ?? targetPodName(migration),
      namespace: source.metadata.namespace ?? 'default',
      labels: { ...Object.fromEntries(labels), [targetLabel]: targetLabelValue(migration) },
      annotations: {
        ...Object.fromEntries(annotations),
        ...firstNote(source, migration),
        [migrationAnnotation]: migration.metadata.name,
        [adoptionAnnotation]: JSON.stringify(held),
      },
    },
    spec: targetSpec(source, migration),
  };
};

/** Did this pod come from us for this Migration? One mark is enough: another webhook may have taken the others. */
export const isTargetOf = (pod: Pod, migration: Migration): boolean =>
  pod.metadata.annotations?.[migrationAnnotation] === migration.metadata.name ||
  pod.metadata.labels?.[targetLabel] === targetLabelValue(migration) ||
  pod.spec.containers.some((container) => hasMarker(container, migration));

const hasMarker = (container: Container, migration: Migration): boolean =>
  container.env?.some((variable) => variable.name === markerEnvironment && variable.value === migration.metadata.uid) ??
  false;

/** What other admission webhooks have taken from a target, so that it would start anew instead of being restored. */
export const lostFrom = (target: Pod, migration: Migration): readonly string[] => [
  ...(lastingContainersOf(target).every((container) => hasMarker(container, migration))
    ? []
    : [`the environment variable ${markerEnvironment}`]),
  ...(target.spec.runtimeClassName === runtimeClass ? [] : [`the RuntimeClass ${runtimeClass}`]),
  ...(target.spec.schedulerName === schedulerName ? [] : [`the scheduler ${schedulerName}`]),
  ...(target.metadata.annotations?.[migrationAnnotation] === migration.metadata.name
    ? []
    : [`the annotation ${migrationAnnotation}`]),
  ...(target.metadata.labels?.[targetLabel] === targetLabelValue(migration) ? [] : [`the label ${targetLabel}`]),
];
