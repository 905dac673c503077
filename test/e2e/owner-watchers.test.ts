import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CounterClient, startCounter } from '../cluster/counter-client.ts';
import { apply } from '../cluster/kubectl.ts';
import { type MetricsApi, serveMetrics } from '../cluster/metrics-api.ts';
import { finishedMove, type MigrationView } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { drainOf } from '../cluster/nodes.ts';
import { identityOf, type PodView, readyPods, redisDeployment } from '../cluster/redis.ts';
import { expectUnbroken } from '../cluster/unbroken.ts';
import { present, type Seen, watch, type Watch } from '../cluster/watch.ts';

const namespace = 'e2e-owner-watchers';
const name = 'watched';
const replicas = 2;

/**
 * A target is not ready for so long after its start: longer than the 15 s between two looks of the autoscaler
 * (--horizontal-pod-autoscaler-sync-period), so that one of them falls between the commit and the end of the move.
 */
const unreadySeconds = 17;
/** To the first looks of the autoscaler that find two pods of which it has samples. */
const setUpMs = 180_000;
const moveMs = 120_000;

/** Of 50 m that each pod should use: for the autoscaler two such pods are right, one or three would not be. */
const usual = 42;
const high = 150;

/** Of each node at most one, so that draining one node moves one of them. */
const spread = {
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: name } } },
    ],
  },
};

const budget = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name, namespace },
  spec: { minAvailable: replicas, selector: { matchLabels: { app: name } } },
};

const autoscaler = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name, namespace },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    minReplicas: 1,
    maxReplicas: 3,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
  },
};

interface Named {
  readonly metadata: { readonly uid: string; readonly name: string };
}
interface BudgetView extends Named {
  readonly status?: { readonly currentHealthy?: number; readonly desiredHealthy?: number };
}
interface AutoscalerView extends Named {
  readonly status?: {
    readonly currentReplicas?: number;
    readonly desiredReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
  };
}
interface DeploymentView extends Named {
  readonly status: { readonly readyReplicas?: number };
}

const under = new AsyncDisposableStack();
const watching = async <T>(group: string, plural: string): Promise<Watch<T>> =>
  under.use(await watch<T>(`/${group}/namespaces/${namespace}/${plural}`));

let budgets: Watch<BudgetView>;
let autoscalers: Watch<AutoscalerView>;
let deployments: Watch<DeploymentView>;
let metrics: MetricsApi;
let pod: PodView;
let was: Awaited<ReturnType<typeof identityOf>>;
let client: CounterClient;
let begun: number;
let move: MigrationView;

const isScaling = ({ status }: AutoscalerView): boolean =>
  status?.desiredReplicas === replicas &&
  (status.conditions?.some(({ type, reason }) => type === 'ScalingActive' && reason === 'ValidMetricFound') ?? false);

beforeAll(async () => {
  await freshNamespace(namespace);
  under.defer(async () => {
    await removeNamespace(namespace);
  });
  const pods = await watching<PodView>('api/v1', 'pods');
  budgets = await watching('apis/policy/v1', 'poddisruptionbudgets');
  autoscalers = await watching('apis/autoscaling/v2', 'horizontalpodautoscalers');
  deployments = await watching('apis/apps/v1', 'deployments');
  metrics = under.use(await serveMetrics(namespace, usual, () => present(pods.seen())));
  const container = { resources: { requests: { cpu: '100m' } } };
  const readiness = { initialDelaySeconds: unreadySeconds };
  await apply(
    redisDeployment({ namespace, name, replicas, container, readiness, spec: { affinity: spread } }),
    budget,
    autoscaler,
  );
  [pod] = (await readyPods({ namespace, name }, replicas)) as [PodView, PodView];
  await budgets.first('both pods to be healthy', ({ object }) => object.status?.currentHealthy === replicas);
  await autoscalers.first('the autoscaler to have looked at both', ({ object }) => isScaling(object));
  was = await identityOf(namespace, pod.metadata.name);
  client = await startCounter('n0', { host: pod.status.podIP ?? '', port: 6379 }, 'watched');
  under.defer(() => client.close());
}, setUpMs);

afterAll(() => under.disposeAsync());

/** What was seen from the beginning of the move on, with the state that there was then. */
const sinceBegun = <T>(events: readonly Seen<T>[]): readonly T[] => {
  const before = events.filter(({ at }) => at <= begun).length;
  return events.slice(Math.max(0, before - 1)).map(({ object }) => object);
};

const enteredAt = (phase: string): number =>
  Date.parse(move.status?.phaseTransitions?.find((transition) => transition.phase === phase)?.time ?? '');

describe('while one of two pods is moved by a drain, and its target takes long to be ready,', () => {
  it(
    'the move succeeds, under a PodDisruptionBudget that lets nobody evict a pod, and its client notices nothing',
    async () => {
      await client.lap();
      begun = Date.now();
      const { code } = await drainOf(name, pod.spec.nodeName ?? '');
      expect(code).toBe(0);
      move = await finishedMove(namespace, pod.metadata.name);
      expect(move.status).toMatchObject({ phase: 'Succeeded', reason: 'Moved' });
      expect(enteredAt('Succeeded') - enteredAt('Committed')).toBeGreaterThan(15_000);
      const after = await readyPods({ namespace, name }, replicas);
      await expectUnbroken(
        client,
        after.find(({ metadata }) => metadata.name === move.status?.target?.podName)!,
        was,
      );
    },
    moveMs,
  );

  it('the PodDisruptionBudget never counts fewer healthy pods than there should be', () => {
    const healthy = sinceBegun(budgets.seen()).map(({ status }) => status?.currentHealthy);
    expect(Math.min(...healthy.map(Number))).toBe(replicas);
  });

  it('the Deployment never counts fewer ready pods than there should be', () => {
    const ready = sinceBegun(deployments.seen()).map(({ status }) => status.readyReplicas);
    expect(Math.min(...ready.map(Number))).toBe(replicas);
  });

  it('the HorizontalPodAutoscaler looks at the pods, and neither has nor wants more or fewer', () => {
    const [from, to] = [enteredAt('Committed'), enteredAt('Succeeded')];
    expect(metrics.asked.filter((at) => from < at && at < to).length).toBeGreaterThan(0);
    const counts = sinceBegun(autoscalers.seen()).map(({ status }) => [
      status?.currentReplicas,
      status?.desiredReplicas,
    ]);
    expect(counts.filter(([current, desired]) => current !== replicas || desired !== replicas)).toEqual([]);
    expect(counts.length).toBeGreaterThan(0);
  });

  it(
    'and afterwards it scales up when there is more to do',
    async () => {
      metrics.millicores = high;
      const scaled = await autoscalers.first('more replicas', ({ object }) => object.status?.desiredReplicas === 3);
      expect(scaled.object.status?.currentReplicas).toBe(replicas);
    },
    moveMs,
  );
});
