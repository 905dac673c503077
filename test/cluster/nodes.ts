import { nodeNamed, workers, type Runtime } from '../../lab/cluster.ts';
import { kubectl } from './kubectl.ts';

export const runtimeOf = (node: string): Runtime => nodeNamed(node).runtime;

export const otherWorkers = (...names: readonly string[]): readonly string[] =>
  workers.map((w) => w.name).filter((name) => !names.includes(name));

/** As an administrator does who wants the pods of one node on another: the rest is closed meanwhile. */
export const whileOnlyOpen = async <T>(open: readonly string[], work: () => Promise<T>): Promise<T> => {
  const closed = otherWorkers(...open);
  await Promise.all(closed.map((name) => kubectl('cordon', name)));
  try {
    return await work();
  } finally {
    await Promise.all(workers.map(({ name }) => kubectl('uncordon', name)));
  }
};

/** `kubectl drain`, as typed by a person. */
export const drain = (node: string, ...flags: readonly string[]): Promise<string> =>
  kubectl('drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=120s', ...flags);
