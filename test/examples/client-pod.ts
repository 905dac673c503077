import { type ChildProcess, spawn } from 'node:child_process';
import { kubeconfigFile, controlPlane } from '../../lab/cluster.ts';
import { until } from '../../lab/wait.ts';
import { apply, getJson, kubectl, kubectlBinary } from '../cluster/kubectl.ts';
import type { PodView } from '../cluster/redis.ts';

/** A pod with the client programs of an image. It stays where it is, on the control plane's node. */
export interface ClientPod {
  /** Runs a script of the shell that has to succeed, and returns what it printed. */
  run(script: string): Promise<string>;
  /** Starts one that goes on; it ends with the pod, or when the child process is killed. */
  start(script: string): ChildProcess;
}

const clientName = 'client';

const manifest = (namespace: string, image: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: clientName, namespace },
  spec: {
    nodeName: controlPlane.name,
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'client', image, imagePullPolicy: 'IfNotPresent', command: ['sleep', 'infinity'] }],
  },
});

export const startClientPod = async (namespace: string, image: string): Promise<ClientPod> => {
  await apply(manifest(namespace, image));
  await until({ what: `pod ${namespace}/${clientName} to run`, timeoutMs: 30_000 }, async () => {
    const { status } = await getJson<PodView>('pod', clientName, '-n', namespace);
    return status.phase === 'Running' ? true : undefined;
  });
  const exec = (script: string) => ['exec', '-n', namespace, clientName, '--', 'sh', '-c', script];
  return {
    run: (script) => kubectl(...exec(script)),
    start: (script) =>
      spawn(kubectlBinary, exec(script), {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, KUBECONFIG: kubeconfigFile },
      }),
  };
};
