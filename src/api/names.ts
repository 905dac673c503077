import { group } from './group.ts';

/** Pod (template) annotation: `"true"` opts a pod in, `"false"` out. Also read on pods that already run. */
export const migrateAnnotation = `${group}/migrate`;

/** On a target: the name of the Migration, in its own namespace, that it was made for. */
export const migrationAnnotation = `${group}/migration`;

/** On a target that has been adopted: the node it came from. From then on a restart of a container is an ordinary one. */
export const movedFromAnnotation = `${group}/moved-from`;

/** Label of a target until it is adopted: the name of its Migration, cut to 63 characters. */
export const targetLabel = `${group}/target`;

/** On a target until it is adopted, as JSON: the labels and owner that it gets then. The source may be gone by that time. */
export const adoptionAnnotation = `${group}/adoption`;

/** ReplicaSets delete the pod with the lowest cost first (KEP-2255). */
export const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';
export const lowestDeletionCost = '-2147483647';

/** Pod (template) annotation: hooks of the pod's own, as JSON. Fixed once the pod is made, as lifecycle handlers are. */
export const hooksAnnotation = `${group}/hooks`;

/** On a pod that shows it to its containers through a downward-API volume: what its move is at, as JSON. */
export const moveAnnotation = `${group}/move`;

/** Environment variable in a target's containers: the UID of its Migration. `transship-runc` looks for it. */
export const markerEnvironment = 'TRANSSHIP_MIGRATION';

/** RuntimeClass, runtime handler and scheduler profile share one name. */
export const runtimeClass = 'transship';
export const schedulerName = 'transship';

/** Taint of a node that is being emptied for good. */
export const decommissionedTaint = `${group}/decommissioned`;

/** Condition of a decommissioned node: how far it is. */
export const decommissionedCondition = 'Decommissioned';

/** Node annotation: `"false"` keeps cordoning this node from moving its pods. */
export const cordonAnnotation = `${group}/cordon`;

/** On a Migration that was taken back because nothing asks for it any more: the pod may be moved again at any time. */
export const withdrawnAnnotation = `${group}/withdrawn`;

/** What annotations of a Migration begin with that hold events of its trace, one for each process (src/trace). */
export const traceAnnotations = `trace.${group}/`;

/** Keeps a Migration that has begun from vanishing before what it made has been cleaned up. */
export const moveFinalizer = `${group}/move`;

/** Annotations of ours that a user may set on a pod. Any other name under our prefix is a mistake worth a warning. */
export const knownPodAnnotations: readonly string[] = [
  migrateAnnotation,
  migrationAnnotation,
  movedFromAnnotation,
  adoptionAnnotation,
  hooksAnnotation,
  moveAnnotation,
];

/** Label of a node that has the runtime handler: RuntimeClass `transship` schedules its pods to no others. */
export const agentLabel = `${group}/agent`;

/** Our name among the `evictionResponders` of a pod (lifecycle.k8s.io). */
export const evictionResponder = `${group}/responder`;
