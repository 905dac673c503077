import { adoptionAnnotation, migrationAnnotation, runtimeClass, schedulerName, targetLabel } from '../api/names.ts';
import { hostnameOf, type Pod, type PodSpec } from '../api/pod.ts';
import { sentenceOf } from '../api/reasons.ts';
import type { Succession } from '../migration/namesake/succession.ts';
import { withoutMatchLabelKeys } from '../migration/target-pod/placement.ts';
import { targetLabelValue } from '../migration/target-pod/target-name.ts';
import { pinnedResolver } from '../migration/target-pod/resolver.ts';
import { markedContainer } from '../migration/target-pod/target-pod.ts';
import { preparationOf, type PreparationOptions } from './pod-preparation.ts';
import type { Answer, PatchOperation } from './review.ts';
import { refOf } from './eviction/words.ts';

/*
 * A StatefulSet's pod that moves is followed by one of the same name, which its
 * StatefulSet makes. Here it becomes the target: the same that we would have made
 * (src/migration/target-pod/target-pod.ts), but of what its StatefulSet gave it.
 */

const changedSpec = (pod: Pod, { source, migration }: Succession): Partial<PodSpec> => {
  const { containers, initContainers, affinity, topologySpreadConstraints } = pod.spec;
  const sidecars = initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always');
  return {
    containers: containers.map((container) => markedContainer(container, source, migration)),
    // The others have done their work, and the restored process has what they left.
    initContainers: sidecars?.map((sidecar) => markedContainer(sidecar, source, migration)),
    hostname: hostnameOf(source),
    ...pinnedResolver(source.spec, migration.status?.source?.resolver),
    runtimeClassName: runtimeClass,
    schedulerName,
    affinity: withoutMatchLabelKeys(affinity),
    topologySpreadConstraints: withoutMatchLabelKeys(topologySpreadConstraints),
  };
};

const add = (path: string, value: unknown): PatchOperation => ({ op: 'add', path, value });

/** It is its owner's from the beginning, so nothing of that is held back. */
const marks = ({ metadata }: Pod, { migration }: Succession): readonly PatchOperation[] => {
  const held = { labels: {}, ownerReferences: metadata.ownerReferences ?? [] };
  return [
    add('/metadata/labels', { ...metadata.labels, [targetLabel]: targetLabelValue(migration) }),
    add('/metadata/annotations', {
      ...metadata.annotations,
      [migrationAnnotation]: migration.metadata.name,
      [adoptionAnnotation]: JSON.stringify(held),
    }),
  ];
};

const asTarget = (pod: Pod, succession: Succession, options: PreparationOptions): Answer => {
  const changed = Object.entries(changedSpec(pod, succession)).filter(([, value]) => value !== undefined);
  const spec = { ...pod.spec, ...Object.fromEntries(changed) };
  const { warnings, patch = [] } = preparationOf({ ...pod, spec }, options);
  return {
    warnings,
    patch: [...changed.map(([field, value]) => add(`/spec/${field}`, value)), ...patch, ...marks(pod, succession)],
  };
};

/** Whoever makes pods tries again: a StatefulSet by itself, a person when told why. */
const refusal = (pod: Pod, { migration }: Succession): Answer => {
  const said = [migration.status?.reason, migration.status?.message].filter(Boolean).join(': ');
  const message = `Migration ${refOf(migration)} is moving the pod ${refOf(pod)} and needs its name (${migration.status?.phase ?? 'Pending'}, ${said}); try again when it has ended`;
  return {
    denial: { code: 429, reason: 'TooManyRequests', message: sentenceOf([{ reason: 'NameTakenByMove', message }]) },
  };
};

/** What becomes of a pod that comes in under the name of one that moves. */
export const succeeding = (pod: Pod, succession: Succession, options: PreparationOptions): Answer =>
  succession.as === 'target' ? asTarget(pod, succession, options) : refusal(pod, succession);
