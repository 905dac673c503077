import { isDecommissioned } from '../../api/closed-node.ts';
import { decommissionedCondition } from '../../api/names.ts';
import type { Node, NodeCondition } from '../../api/pod.ts';
import type { Reason } from '../../api/reasons.ts';
import { timestamp } from '../../clock/clock.ts';
import type { Attempts } from './evictions.ts';
import type { Fated } from './fate.ts';
import { leftOf, progressText } from './progress.ts';

/** What the node's users are to read now. */
export interface Report {
  /** A strategic merge patch of the node's status; of this very node. */
  readonly patch: object;
  /** Set when the node has begun to be emptied, or is empty. */
  readonly news?: { readonly reason: Reason; readonly message: string };
}

export const conditionOf = ({ status }: Node): NodeCondition | undefined =>
  status?.conditions?.find(({ type }) => type === decommissionedCondition);

const patchOf = ({ metadata: { uid } }: Node, condition: object): object => ({
  metadata: { uid },
  status: { conditions: [{ type: decommissionedCondition, ...condition }] },
});

/** Nothing of it stays on a node that is in use again. */
const removal = (node: Node): Report | undefined => conditionOf(node) && { patch: patchOf(node, { $patch: 'delete' }) };

/** The condition as it is to be, but for its times. */
const wantedOf = (fated: readonly Fated[], attempts: Attempts) => {
  const isEmpty = leftOf(fated) === 0;
  const reason: Reason = isEmpty ? 'Empty' : 'Emptying';
  return { status: isEmpty ? 'True' : 'False', reason, message: progressText(fated, attempts) };
};

const isSaid = (before: NodeCondition | undefined, { reason, message }: { reason: string; message: string }): boolean =>
  before?.reason === reason && before.message === message;

/** What to write about a node; undefined when it stands there already, or there is nothing to say. */
export const reportOf = (
  node: Node,
  fated: readonly Fated[],
  { attempts, now }: { readonly attempts: Attempts; readonly now: number },
): Report | undefined => {
  if (!isDecommissioned(node)) return removal(node);
  const before = conditionOf(node);
  const wanted = wantedOf(fated, attempts);
  const isNews = before?.status !== wanted.status;
  if (!isNews && isSaid(before, wanted)) return undefined;
  const at = timestamp(now);
  const lastTransitionTime = isNews ? at : (before.lastTransitionTime ?? at);
  const patch = patchOf(node, { ...wanted, lastTransitionTime, lastHeartbeatTime: at });
  return { patch, ...(isNews && { news: { reason: wanted.reason, message: wanted.message } }) };
};
