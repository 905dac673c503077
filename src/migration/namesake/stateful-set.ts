import { migrateAnnotation } from '../../api/names.ts';
import type { Pod } from '../../api/pod.ts';
import type { Finding } from '../../api/reasons.ts';
import type { StatefulSet } from '../../api/stateful-set.ts';
import { statefulSetOf } from './kind.ts';

/** Written by the StatefulSet's controller: the template that a pod was made from (kubernetes, ControllerRevisionHashLabelKey). */
export const revisionLabel = 'controller-revision-hash';

/** The number at the end of a name. */
const ordinalOf = (name: string): number => Number(/-(\d+)$/.exec(name)?.[1] ?? Number.NaN);

const isWanted = (name: string, { replicas = 1, ordinals }: StatefulSet['spec']): boolean => {
  const start = ordinals?.start ?? 0;
  const ordinal = ordinalOf(name);
  return ordinal >= start && ordinal < start + replicas;
};

const isSettled = ({ metadata }: Pod, { status }: StatefulSet): boolean =>
  status?.currentRevision === status?.updateRevision && metadata.labels?.[revisionLabel] === status?.updateRevision;

const changing = (pod: Pod, what: string): Finding => ({
  reason: 'StatefulSetChanging',
  message: `Pod ${pod.metadata.namespace ?? 'default'}/${pod.metadata.name} belongs to StatefulSet ${statefulSetOf(pod)?.name ?? ''}, ${what}`,
});

/**
 * Why the StatefulSet would not make the same pod again, or not one that we
 * would make a target of. Asked before the pod is removed: afterwards it is too late.
 * @param set as the API server has it; undefined when there is none of that name.
 */
export const setFindings = (pod: Pod, set: StatefulSet | undefined): readonly Finding[] => {
  const owner = statefulSetOf(pod);
  if (!owner) return [];
  if (set?.metadata.uid !== owner.uid || set.metadata.deletionTimestamp !== undefined)
    return [changing(pod, 'which is being deleted')];
  const findings: Finding[] = [];
  if (!isWanted(pod.metadata.name, set.spec)) findings.push(changing(pod, 'which is being scaled down'));
  if (!isSettled(pod, set)) findings.push(changing(pod, 'which is being rolled out: it would make another pod now'));
  if (set.spec.template.metadata?.annotations?.[migrateAnnotation] !== 'true')
    findings.push({
      reason: 'TemplateNotOptedIn',
      message: `StatefulSet ${owner.name} does not have the annotation ${migrateAnnotation}: "true" in its template, so the pod that it makes in the place of ${pod.metadata.name} would not be ours`,
    });
  return findings;
};
