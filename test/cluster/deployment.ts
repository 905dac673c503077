import { apply } from './kubectl.ts';
import { freshNamespace } from './namespaces.ts';
import { startingOn } from './nodes.ts';
import { type PodView, readyPod } from './redis.ts';

export interface DeploymentOptions {
  readonly namespace: string;
  readonly name: string;
  /** The nodes on which it may run; it starts on the first. */
  readonly nodes: readonly [string, ...string[]];
  /** What it needs in its namespace before it can start. */
  readonly beside?: readonly object[];
}

/** Makes a Deployment of one opted-in pod, in a namespace of its own, and waits until it is ready. */
export const deployPod = async (
  { namespace, name, nodes: [first, ...others], beside = [] }: DeploymentOptions,
  spec: object,
): Promise<PodView> => {
  await freshNamespace(namespace);
  await apply(...beside, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name }, annotations: { 'transship.dev/migrate': 'true' } },
        spec: { terminationGracePeriodSeconds: 1, affinity: startingOn(first, ...others), ...spec },
      },
    },
  });
  return readyPod({ namespace, name }, first);
};
