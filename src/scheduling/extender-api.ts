import { z } from 'zod';
import { pod } from '../api/pod.ts';

/*
 * k8s.io/kube-scheduler/extender/v1. Its Go types carry no JSON names, so all
 * keys are capitalised. With `nodeCacheCapable: true` the scheduler sends and
 * expects names only; whole nodes are understood as well, for a scheduler that
 * somebody configured without it.
 */

export const extenderArgs = z.object({
  Pod: pod,
  Nodes: z
    .object({ items: z.array(z.looseObject({ metadata: z.looseObject({ name: z.string() }) })).nullish() })
    .nullish(),
  NodeNames: z.array(z.string()).nullish(),
});
export type ExtenderArgs = z.infer<typeof extenderArgs>;

export const nodeNamesOf = ({ Nodes, NodeNames }: ExtenderArgs): readonly string[] =>
  NodeNames ?? (Nodes?.items ?? []).map(({ metadata }) => metadata.name);

export interface FilterOutcome {
  readonly fitting: readonly string[];
  /** Why not, by node. */
  readonly reasons: ReadonlyMap<string, string>;
}

/**
 * All refusals are "unresolvable": no preemption of other pods would make one
 * of these nodes fit, and the scheduler must not evict for nothing.
 */
export const filterResult = ({ Nodes, NodeNames }: ExtenderArgs, { fitting, reasons }: FilterOutcome): object => {
  const fits = new Set(fitting);
  const refused = { FailedNodes: {}, FailedAndUnresolvableNodes: Object.fromEntries(reasons), Error: '' };
  return NodeNames
    ? { NodeNames: fitting, ...refused }
    : { Nodes: { items: (Nodes?.items ?? []).filter(({ metadata }) => fits.has(metadata.name)) }, ...refused };
};

/** The scheduler shows it in the pod's PodScheduled condition and tries again. */
export const filterFault = (message: string): object => ({ Error: message });

export interface HostPriority {
  readonly Host: string;
  readonly Score: number;
}
