import { until } from '../../lab/wait.ts';
import { apply, getJson, kubectl } from './kubectl.ts';

export const image = 'docker.io/local/redis:1';

interface PodList {
  readonly items: readonly PodView[];
}
export interface PodView {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string }[];
  };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}

const isReady = (pod: PodView): boolean =>
  pod.status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;

const isToStay = (pod: PodView): boolean => isReady(pod) && !pod.metadata.deletionTimestamp;

export interface RedisOptions {
  readonly namespace: string;
  readonly name: string;
  /** The node to start on; later pods of the Deployment may run anywhere. */
  readonly startOn: string;
  readonly optIn?: boolean;
  readonly spec?: object;
  readonly command?: readonly string[];
  /** Fields of the container and of its readiness probe besides. */
  readonly container?: object;
  readonly readiness?: object;
  readonly replicas?: number;
}

export const redisDeployment = ({
  namespace,
  name,
  optIn = true,
  replicas = 1,
  spec,
  command,
  container,
  readiness,
}: Omit<RedisOptions, 'startOn'>) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name }, annotations: optIn ? { 'transship.dev/migrate': 'true' } : {} },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'redis',
            image,
            imagePullPolicy: 'IfNotPresent',
            ...(command && { command }),
            ports: [{ containerPort: 6379 }],
            readinessProbe: { tcpSocket: { port: 6379 }, periodSeconds: 1, ...readiness },
            ...container,
          },
        ],
        ...spec,
      },
    },
  },
});

const service = ({ namespace, name }: RedisOptions) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: { selector: { app: name }, ports: [{ port: 6379 }] },
});

export const podsOf = async ({
  namespace,
  name,
}: {
  readonly namespace: string;
  readonly name: string;
}): Promise<readonly PodView[]> => (await getJson<PodList>('pods', '-n', namespace, '-l', `app=${name}`)).items;

/** The one pod of the Deployment, once it is alone, ready, and, if named, on that node. */
export const readyPod = (of: { readonly namespace: string; readonly name: string }, node?: string): Promise<PodView> =>
  until(
    { what: `one ready pod of ${of.namespace}/${of.name}${node ? ` on ${node}` : ''}`, timeoutMs: 60_000 },
    async () => {
      const pods = await podsOf(of);
      const [pod] = pods;
      return pods.length === 1 && pod && isToStay(pod) && (!node || pod.spec.nodeName === node) ? pod : undefined;
    },
  );

/** The pods of the Deployment, once they are so many and all of them ready. */
export const readyPods = (
  of: { readonly namespace: string; readonly name: string },
  count: number,
): Promise<readonly PodView[]> =>
  until({ what: `${String(count)} ready pods of ${of.namespace}/${of.name}`, timeoutMs: 60_000 }, async () => {
    const pods = await podsOf(of);
    return pods.length === count && pods.every(isToStay) ? pods : undefined;
  });

/** Creates namespace, Deployment and Service of a Redis and waits until it is ready on the node that was asked for. */
export const deployRedis = async (
  options: RedisOptions,
  others: readonly string[],
): Promise<{ readonly pod: PodView; readonly serviceIP: string }> => {
  await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: options.namespace } });
  // A pod that is to start on one node and may run on all later must find the others closed only while it is scheduled.
  await Promise.all(others.map((node) => kubectl('cordon', node)));
  try {
    await apply(redisDeployment(options), service(options));
    const pod = await readyPod(options, options.startOn);
    const { spec } = await getJson<{ spec: { clusterIP: string } }>('service', options.name, '-n', options.namespace);
    return { pod, serviceIP: spec.clusterIP };
  } finally {
    await Promise.all(others.map((node) => kubectl('uncordon', node)));
  }
};

/** Runs redis-cli inside the pod. */
const redisCli = async (namespace: string, pod: string, ...args: readonly string[]): Promise<string> =>
  (await kubectl('exec', '-n', namespace, pod, '--', 'redis-cli', ...args)).trim();

/** Fills a Redis with so many keys of a kilobyte. */
export const fill = (namespace: string, pod: string, keys: number): Promise<string> =>
  redisCli(
    namespace,
    pod,
    'EVAL',
    `for i=1,${String(keys)} do redis.call('SET','filler:'..i,string.rep('x',1024)) end return ${String(keys)}`,
    '0',
  );

/** What only the very process that was started first can know. */
export const identityOf = async (
  namespace: string,
  pod: string,
): Promise<{ readonly runID: string; readonly hostname: string }> => {
  const info = await redisCli(namespace, pod, 'INFO', 'server');
  const hostname = (await kubectl('exec', '-n', namespace, pod, '--', 'cat', '/proc/sys/kernel/hostname')).trim();
  return { runID: /run_id:(\w+)/.exec(info)?.[1] ?? '', hostname };
};
