import { decommissioningTaints } from '../../api/closed-node.ts';
import type { Node, Pod, Taint, Toleration } from '../../api/pod.ts';

const hasValue = ({ key, value = '' }: Toleration, taint: Taint): boolean =>
  // Only the operator Exists tolerates taints of all keys.
  key === taint.key && value === (taint.value ?? '');

/** As the scheduler takes it (k8s.io/api/core/v1/toleration.go); operators of later versions tolerate nothing here. */
const tolerates =
  (taint: Taint) =>
  (toleration: Toleration): boolean => {
    const { key, operator, effect } = toleration;
    if ((key && key !== taint.key) || (effect && effect !== taint.effect)) return false;
    if (operator === 'Exists') return true;
    return (!operator || operator === 'Equal') && hasValue(toleration, taint);
  };

/** Would the scheduler put the pod on this node although it is decommissioned? Whoever evicted it would soon meet it there again. */
export const isTolerant = ({ spec: { tolerations = [] } }: Pod, node: Node): boolean =>
  decommissioningTaints(node).every((taint) => tolerations.some(tolerates(taint)));
