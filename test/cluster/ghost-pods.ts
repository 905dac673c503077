import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../lab/wait.ts';
import { apiVersion } from '../../src/api/group.ts';
import { administrator, type Api } from './api-as.ts';
import { atATime } from './evictions.ts';
import { removeGhost, startGhost } from './ghost-node.ts';
import { apply, getJson, kubectl } from './kubectl.ts';
import { image, type PodView, podsOf } from './redis.ts';

/*
 * Pods that are only objects: the API server and every controller take them for
 * running, and a hundred of them cost the lab nothing.
 */

/** A ghost whose agent seems to be ready. */
export interface GhostWithAgent extends AsyncDisposable {
  /** To be called every half minute: kubelets and agents that are silent for longer are given up. */
  beat(): Promise<void>;
}

const patchStatus = async (api: Api, path: string, status: object): Promise<void> => {
  const { code, message } = await api.patch(administrator, `${path}/status`, { status });
  if (code !== 200) throw new Error(`could not patch the status of ${path}: ${message}`);
};

/** It reports what the agent of another node does. */
export const startGhostWithAgent = async (api: Api, name: string, like: string): Promise<GhostWithAgent> => {
  // Cordoning is what closes it; none of its pods is to be moved for that.
  await startGhost(name, { 'transship.dev/cordon': 'false' });
  await apply({ apiVersion, kind: 'MigrationNode', metadata: { name } });
  const { status } = await getJson<{ status: object }>('migrationnode', like);
  const beat = async (): Promise<void> => {
    const now = new Date().toISOString();
    const ready = { type: 'Ready', status: 'True', reason: 'Ghost', message: '', lastHeartbeatTime: now };
    await patchStatus(api, `/api/v1/nodes/${name}`, { conditions: [ready] });
    await patchStatus(api, `/apis/${apiVersion}/migrationnodes/${name}`, { ...status, heartbeatTime: now });
  };
  await beat();
  return {
    beat,
    async [Symbol.asyncDispose]() {
      await kubectl('delete', 'migrationnode', name, '--ignore-not-found');
      await removeGhost(name);
    },
  };
};

export interface GhostPods {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly count?: number;
  readonly optIn?: boolean;
  /** Beside what makes them run. */
  readonly container?: object;
}

/** Without a kubelet nobody would end them, so they need no time for it. */
const specOf = ({ node, container = {} }: Pick<GhostPods, 'node' | 'container'>) => ({
  nodeName: node,
  terminationGracePeriodSeconds: 0,
  containers: [{ name: 'redis', image, ...container }],
});

const annotationsOf = (optIn: boolean): object => (optIn ? { 'transship.dev/migrate': 'true' } : {});

const replicaSet = ({ namespace, name, count = 1, optIn = true, ...pod }: GhostPods) => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { namespace, name },
  spec: {
    replicas: count,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name }, annotations: annotationsOf(optIn) }, spec: specOf(pod) },
  },
});

const running = () => ({
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True' }],
  containerStatuses: [
    {
      ...{ name: 'redis', image, imageID: image, ready: true, started: true, restartCount: 0 },
      state: { running: { startedAt: new Date().toISOString() } },
    },
  ],
});

const pretend = (api: Api, { metadata: { namespace, name } }: PodView): Promise<void> =>
  patchStatus(api, `/api/v1/namespaces/${namespace}/pods/${name}`, running());

/** Until the webhooks have seen of a pod what the API server has. Nobody tells; it takes milliseconds. */
const seenMs = 1_000;

/** The pods of a ReplicaSet, all of which seem to run. */
export const ghostPods = async (api: Api, wanted: GhostPods): Promise<readonly PodView[]> => {
  const { count = 1 } = wanted;
  await apply(replicaSet(wanted));
  const pods = await until({ what: `${String(count)} pods of ${wanted.name}`, timeoutMs: 60_000 }, async () => {
    const found = await podsOf(wanted);
    return found.length === count ? found : undefined;
  });
  await atATime(8, pods, (pod) => pretend(api, pod));
  await sleep(seenMs);
  return pods;
};

/** One pod that is nobody's. */
export const ghostPod = async (
  api: Api,
  { namespace, name, optIn = true, ...pod }: Omit<GhostPods, 'count'>,
): Promise<PodView> => {
  const metadata = { namespace, name, annotations: annotationsOf(optIn) };
  await apply({ apiVersion: 'v1', kind: 'Pod', metadata, spec: specOf(pod) });
  const made = await getJson<PodView>('pod', name, '-n', namespace);
  await pretend(api, made);
  await sleep(seenMs);
  return made;
};
