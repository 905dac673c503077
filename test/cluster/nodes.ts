import { nodeNamed, workers, type Runtime } from '../../lab/cluster.ts';
import type { Outcome } from '../../lab/process.ts';
import { kubectl, saidByKubectl, tryKubectl } from './kubectl.ts';

export const runtimeOf = (node: string): Runtime => nodeNamed(node).runtime;

export const otherWorkers = (...names: readonly string[]): readonly string[] =>
  workers.map((w) => w.name).filter((name) => !names.includes(name));

/**
 * As an administrator does who wants the pods of one node on another: the rest is closed meanwhile. That it moves their
 * own pods is nothing to a test, which has none on them.
 */
export const whileOnlyOpen = async <T>(open: readonly string[], work: () => Promise<T>): Promise<T> => {
  const closed = otherWorkers(...open);
  await Promise.all(closed.map((name) => kubectl('cordon', name)));
  try {
    return await work();
  } finally {
    await Promise.all(workers.map(({ name }) => kubectl('uncordon', name)));
  }
};

/** `kubectl drain` as a person types it. */
export const drainCommand = (node: string): readonly string[] => [
  ...['drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=120s'],
];

/** @returns all that it said. */
export const drain = (node: string): Promise<string> => saidByKubectl(...drainCommand(node));

/**
 * Drains the pods of one application from a node, opens the node again, and
 * returns all that kubectl said. The other pods of the node stay, so that a test
 * of one pod does not become one of the whole cluster; those of them that opted
 * in begin to move, for the node is cordoned, and that is taken back.
 */
export const drainOf = async (app: string, node: string): Promise<Outcome> => {
  try {
    return await tryKubectl(
      'drain',
      node,
      `--pod-selector=app=${app}`,
      '--ignore-daemonsets',
      '--delete-emptydir-data',
      '--timeout=60s',
    );
  } finally {
    await kubectl('uncordon', node);
  }
};

/** Affinity of a pod that starts on the first of these nodes and may go on to the others. */
export const startingOn = (first: string, ...others: readonly string[]): object => {
  const among = (...names: readonly string[]) => ({
    matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: names }],
  });
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [among(first, ...others)] },
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: among(first) }],
    },
  };
};
