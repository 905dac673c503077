import { markerEnvironment, migrationAnnotation, movedFromAnnotation, schedulerName } from '../../api/names.ts';
import type { Container, Pod, PodSpec } from '../../api/pod.ts';

export interface PlainPod {
  readonly metadata: Pick<Pod['metadata'], 'name' | 'namespace' | 'labels' | 'annotations' | 'ownerReferences'>;
  readonly spec: PodSpec;
}

/** Given by the API server, and found to be in its way when the pod is made again. */
const given: readonly string[] = ['nodeName', 'serviceAccount', 'priority', 'preemptionPolicy', 'overhead'];

/** What it has from an earlier move. */
const ofEarlierMove: readonly string[] = [migrationAnnotation, movedFromAnnotation];

const withoutMarker = (container: Container): Container =>
  container.env ? { ...container, env: container.env.filter(({ name }) => name !== markerEnvironment) } : container;

const without = (names: readonly string[], map: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(map).filter(([name]) => !names.includes(name)));

/** The same pod as somebody would create it again by hand: nothing of it has run, it has no node, and nobody moves it. */
export const plainPod = ({ metadata, spec }: Pod): PlainPod => {
  const { name, namespace = 'default', labels, annotations, ownerReferences } = metadata;
  const kept = Object.entries(spec).filter(
    ([field, value]) => !given.includes(field) && !(field === 'schedulerName' && value === schedulerName),
  );
  return {
    metadata: { name, namespace, labels, annotations: without(ofEarlierMove, annotations), ownerReferences },
    spec: { ...Object.fromEntries(kept), containers: spec.containers.map(withoutMarker) },
  };
};
