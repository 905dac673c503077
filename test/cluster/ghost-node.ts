import { until } from '../../lab/wait.ts';
import { apply, getJson, kubectl } from './kubectl.ts';

/*
 * A node that is only an object: no kubelet, no agent, and closed for pods. The
 * DaemonSet of the agents wants a pod on it all the same, which never runs.
 */

export const startGhost = (name: string, annotations: Readonly<Record<string, string>> = {}): Promise<void> =>
  apply({ apiVersion: 'v1', kind: 'Node', metadata: { name, annotations }, spec: { unschedulable: true } });

interface AgentPod {
  readonly spec: { readonly nodeName?: string };
}

/** Returns when no agent waits for the node any more: as long as one does, the DaemonSet does not count as rolled out. */
export const removeGhost = async (name: string): Promise<void> => {
  await kubectl('delete', 'node', name, '--ignore-not-found', '--timeout=30s');
  await until({ what: `no agent to wait for node ${name}`, timeoutMs: 60_000 }, async () => {
    const { items } = await getJson<{ items: readonly AgentPod[] }>(
      'pods',
      '-n',
      'transship-system',
      '-l',
      'app.kubernetes.io/component=agent',
    );
    return items.every(({ spec }) => spec.nodeName !== undefined && spec.nodeName !== name) ? true : undefined;
  });
};
