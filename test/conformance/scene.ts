import { workers } from '../../lab/cluster.ts';
import { until } from '../../lab/wait.ts';
import { getJson } from '../cluster/kubectl.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import type { PodView } from '../cluster/redis.ts';

/** Where a case takes place: a namespace of its own, a node that a client empties, and one that takes what was on it. */
export interface Scene extends AsyncDisposable {
  readonly namespace: string;
  readonly from: string;
  readonly to: string;
  /** Whoever changes anything says here at once how to take it back. */
  readonly undo: AsyncDisposableStack;
  /** What clients say is written here, for whoever wants to know why a case went wrong. */
  readonly transcript: string[];
}

export interface Route {
  readonly from: string;
  readonly to: string;
}

/**
 * From each worker to the next, so that every pair of runtimes has its turn; and backwards from case to case, so that
 * no node is emptied to which the case before has just moved something.
 */
export const routeOf = (number: number): Route => {
  const at = (index: number): string => workers.at(index % workers.length)?.name ?? '';
  return { from: at(-number), to: at(1 - number) };
};

const isOfDaemonSet = ({ metadata }: PodView): boolean =>
  metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') ?? false;

/** A drain without a selector meets every pod of a node, so it is only tried where there is none but those of the case. */
const untilEmpty = async (node: string): Promise<void> => {
  let left: readonly PodView[] = [];
  const what = `node ${node} to have no pods but those of DaemonSets`;
  await until({ what, timeoutMs: 60_000, everyMs: 500 }, async () => {
    const selector = ['--field-selector', `spec.nodeName=${node}`];
    left = (await getJson<{ items: PodView[] }>('pods', '-A', ...selector)).items.filter((pod) => !isOfDaemonSet(pod));
    return left.length === 0 ? true : undefined;
  }).catch((error: unknown) => {
    const names = left.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(', ');
    throw new Error(`gave up waiting for ${what}; there are ${names}`, { cause: error });
  });
};

export const openScene = async (number: number, transcript: string[]): Promise<Scene> => {
  const { from, to } = routeOf(number);
  const namespace = `conformance-${String(number + 1)}`;
  await untilEmpty(from);
  const undo = new AsyncDisposableStack();
  await freshNamespace(namespace);
  undo.defer(async () => {
    await removeNamespace(namespace);
  });
  return { namespace, from, to, undo, transcript, [Symbol.asyncDispose]: () => undo.disposeAsync() };
};
