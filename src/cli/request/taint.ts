import { isDecommissioned } from '../../api/closed-node.ts';
import { decommissionedTaint } from '../../api/names.ts';
import type { Node } from '../../api/pod.ts';
import { nodes } from '../../api/resource.ts';
import { isConflict } from '../../kube/api-error.ts';
import { nodeNamed } from '../cluster/named.ts';
import { UserError } from '../failure.ts';
import type { Change } from '../output/changes.ts';
import { whole } from '../output/objects.ts';
import type { Session } from '../session.ts';
import type { DryRunOptions } from '../usage/flags.ts';

/** Kubelets and controllers write to nodes every few seconds; so many collisions in a row mean that something else is wrong. */
const mostAttempts = 10;

type Taints = NonNullable<NonNullable<Node['spec']>['taints']>;

const taintsWith = (taints: Taints): Taints => [...taints, { key: decommissionedTaint, effect: 'NoSchedule' }];
const taintsWithout = (taints: Taints): Taints => taints.filter(({ key }) => key !== decommissionedTaint);

/** The taints of a node are one list that others write as well, so it is written back only as it was read. */
const written = async (node: Node, taints: Taints, { options, session }: Writing): Promise<Change['object']> => {
  const { name, uid, resourceVersion } = node.metadata;
  const { dryRun } = options;
  const wanted = { ...node, spec: { ...node.spec, taints } };
  if (dryRun === 'client') return wanted;
  const patch = { metadata: { uid, resourceVersion }, spec: { taints } };
  return session.api.patch(whole(nodes), { name }, patch, { dryRun: dryRun === 'server' }, session.signal);
};

interface Writing {
  readonly options: DryRunOptions;
  readonly session: Session;
}

interface Wish {
  readonly tainted: boolean;
  readonly what: string;
  readonly already: string;
}

const wishes = {
  decommission: { tainted: true, what: 'decommissioned', already: 'already decommissioned' },
  recommission: { tainted: false, what: 'recommissioned', already: 'unchanged (it was not decommissioned)' },
} as const satisfies Record<string, Wish>;

/** Marks a node as one to be emptied for good, or takes that back. */
export const changeTaint = async (word: string, wish: keyof typeof wishes, writing: Writing): Promise<Change> => {
  const { tainted, what, already } = wishes[wish];
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const node = await nodeNamed(word, writing.session);
    if (isDecommissioned(node) === tainted) return { resource: nodes, object: node, what: already };
    const taints = node.spec?.taints ?? [];
    try {
      const object = await written(node, tainted ? taintsWith(taints) : taintsWithout(taints), writing);
      return { resource: nodes, object, what };
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
  throw new UserError(`node ${word} was changed by somebody else ${mostAttempts} times in a row; try again`);
};
