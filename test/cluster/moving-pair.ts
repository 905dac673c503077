import { until } from '../../lab/wait.ts';
import { apiVersion } from '../../src/api/group.ts';
import { administrator, type Api } from './api-as.ts';
import { type CounterClient, startCounter } from './counter-client.ts';
import { apply, getJson, kubectl } from './kubectl.ts';
import { type MigrationView, overMove, requestMove } from './migrations.ts';
import { identityOf, type PodView, readyPods, redisDeployment } from './redis.ts';
import { present, watch, type Watch } from './watch.ts';

/*
 * A Deployment of two pods, of which one is moved, with a client. Its owner is
 * changed when the move has come to a phase.
 */

/** Where the moves go. As long as it is cordoned none gets further than Preparing, and no other pod starts there. */
const destination = 'n4';

/** So long after its start a pod is not ready. A pod that is started while a target waits is ready after it, then. */
const unreadySeconds = 3;

/** The phase in which the owner is changed. */
export type Moment = 'Preparing' | 'Moving' | 'Committed';

export interface Pair extends AsyncDisposable {
  readonly name: string;
  readonly moved: PodView;
  readonly other: PodView;
  readonly client: CounterClient;
  readonly was: Awaited<ReturnType<typeof identityOf>>;
  /** Moves the one pod; makes the change when the move is in that phase; resolves when both are over. */
  moveAnd(moment: Moment, change: () => Promise<void>): Promise<MigrationView>;
  /** Every pod of the Deployment that there has ever been, as it was seen last. */
  ever(): readonly PodView[];
}

interface DeploymentView {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly replicas: number };
  readonly status: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
  };
}

const isSettled = ({ metadata, spec, status }: DeploymentView): boolean =>
  status.observedGeneration === metadata.generation &&
  [status.replicas, status.updatedReplicas, status.readyReplicas].every((count) => count === spec.replicas);

const settled = (namespace: string, name: string): Promise<DeploymentView> =>
  until({ what: `the Deployment ${namespace}/${name} to have what it wants`, timeoutMs: 60_000 }, async () => {
    const deployment = await getJson<DeploymentView>('deployment', name, '-n', namespace);
    return isSettled(deployment) ? deployment : undefined;
  });

interface Watches {
  readonly pods: Watch<PodView>;
  readonly moves: Watch<MigrationView>;
}

/** Resolves as soon as the move is in this phase; in Preparing not before its target exists. */
const reached = async (moment: Moment, name: string, { pods, moves }: Watches): Promise<void> => {
  const { object } = await moves.first(
    `${name} to be ${moment}`,
    ({ object: { metadata, status } }) => metadata.name === name && status?.phase === moment,
  );
  const target = object.status?.target?.podName;
  await pods.first(`pod ${target ?? ''}`, (seen) => seen.object.metadata.name === target);
};

export const openPair = async (namespace: string, name: string): Promise<Pair> => {
  const of = { namespace, name };
  await kubectl('cordon', destination);
  await using stack = new AsyncDisposableStack();
  const pods = stack.use(await watch<PodView>(`/api/v1/namespaces/${namespace}/pods`));
  const moves = stack.use(await watch<MigrationView>(`/apis/${apiVersion}/namespaces/${namespace}/migrations`));
  stack.defer(async () => {
    await kubectl('delete', 'deployment', name, '-n', namespace, '--cascade=foreground', '--timeout=60s');
  });
  await apply(redisDeployment({ ...of, replicas: 2, readiness: { initialDelaySeconds: unreadySeconds } }));
  const [moved, other] = (await readyPods(of, 2)) as [PodView, PodView];
  const was = await identityOf(namespace, moved.metadata.name);
  const client = await startCounter('n0', { host: moved.status.podIP ?? '', port: 6379 }, 'pair');
  stack.defer(() => client.close());
  const open = stack.move();
  return {
    ...{ name, moved, other, client, was },
    async moveAnd(moment, change) {
      const isHeld = moment === 'Preparing';
      if (!isHeld) await kubectl('uncordon', destination);
      const { name: podName, uid: podUID } = moved.metadata;
      const then = reached(moment, name, { pods, moves });
      await Promise.all([
        requestMove(namespace, name, { podName, podUID, targetNodeName: destination }),
        then.then(() => change()),
      ]);
      if (isHeld) {
        await settled(namespace, name);
        await kubectl('uncordon', destination);
      }
      const move = await overMove(namespace, name);
      await settled(namespace, name);
      return move;
    },
    ever() {
      const all = pods.seen().filter(({ object }) => object.metadata.labels?.['app'] === name);
      return present(all.map((seen) => ({ ...seen, type: 'MODIFIED' as const })));
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
};

export const scaleTo = async (api: Api, namespace: string, name: string, replicas: number): Promise<void> => {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}/scale`;
  const { code, message } = await api.patch(administrator, path, { spec: { replicas } });
  if (code !== 200) throw new Error(`could not scale ${namespace}/${name}: ${message}`);
};

/** Changes the template, so that every pod is to be replaced. */
export const rollOut = async (api: Api, namespace: string, name: string): Promise<void> => {
  const template = { metadata: { annotations: { 'example.com/revision': '2' } } };
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
  const { code, message } = await api.patch(administrator, path, { spec: { template } });
  if (code !== 200) throw new Error(`could not change ${namespace}/${name}: ${message}`);
};

/** Has its owner remove this pod before others. */
export const makeCheap = ({ metadata: { namespace, name } }: PodView): Promise<string> =>
  kubectl('annotate', 'pod', name, '-n', namespace, 'controller.kubernetes.io/pod-deletion-cost=-100');
