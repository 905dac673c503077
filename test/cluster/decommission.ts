import { decommissionedCondition, decommissionedTaint } from '../../src/api/names.ts';
import type { Outcome } from '../../lab/process.ts';
import { getJson, tryKubectl } from './kubectl.ts';

/** As an administrator does it who gives a node up. */
export const decommission = (node: string): Promise<Outcome> =>
  tryKubectl('taint', 'node', node, `${decommissionedTaint}:NoSchedule`);

/** Takes it back; that the node has no such taint is as good. */
export const recommission = (node: string): Promise<Outcome> =>
  tryKubectl('taint', 'node', node, `${decommissionedTaint}:NoSchedule-`);

interface NodeView {
  readonly status: {
    readonly conditions: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
    }[];
  };
}

/** How far the node is, as `STATUS REASON: MESSAGE`; nothing when it is in use. */
export const progressOf = async (node: string): Promise<string> => {
  const { status } = await getJson<NodeView>('node', node);
  const found = status.conditions.find(({ type }) => type === decommissionedCondition);
  return found ? `${found.status} ${found.reason}: ${found.message}` : '';
};
