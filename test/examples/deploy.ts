import { until } from '../../lab/wait.ts';
import { getJson, kubectl, tryKubectl } from '../cluster/kubectl.ts';
import { freshNamespace } from '../cluster/namespaces.ts';
import { whileOnlyOpen } from '../cluster/nodes.ts';
import { type PodView, readyPod } from '../cluster/redis.ts';
import { folderOf } from './folder.ts';

/** Applies the manifest of an example as its README says; its pod starts on that node. */
export const deployExample = async (name: string, namespace: string, node: string): Promise<PodView> => {
  await freshNamespace(namespace);
  return whileOnlyOpen([node], async () => {
    await kubectl('apply', '-k', folderOf(name), '-n', namespace);
    return readyPod({ namespace, name }, node);
  });
};

/** Ends the program of a pod with a script, and waits until the kubelet has started it anew in the same pod. */
export const startAnew = async ({ metadata: { namespace, name } }: PodView, kill: string): Promise<void> => {
  // The script ends with its container, and so with any code.
  await tryKubectl('exec', '-n', namespace, name, '--', 'sh', '-c', kill);
  await until({ what: `${namespace}/${name} to be ready again`, timeoutMs: 60_000 }, async () => {
    const { status } = await getJson<PodView>('pod', name, '-n', namespace);
    const isAnew = status.containerStatuses?.every(({ restartCount }) => restartCount > 0);
    const isReady = status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True');
    return (isAnew && isReady) || undefined;
  });
};
