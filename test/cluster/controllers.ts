import { until } from '../../lab/wait.ts';
import { getJson, kubectl } from './kubectl.ts';

const inSystem = ['-n', 'transship-system'] as const;

const scaleTo = (replicas: number): Promise<string> =>
  kubectl('scale', ...inSystem, 'deployment/transship-controller', `--replicas=${String(replicas)}`);

/** Until they are started again nobody acts on a Migration, nobody sweeps, and nobody answers webhooks. */
export const stopControllers = async (): Promise<void> => {
  await scaleTo(0);
  await until({ what: 'the controllers to be gone', timeoutMs: 60_000 }, async () => {
    const selector = ['-l', 'app.kubernetes.io/component=controller'];
    const { items } = await getJson<{ items: readonly unknown[] }>('pods', ...inSystem, ...selector);
    return items.length === 0 ? true : undefined;
  });
};

export const startControllers = async (): Promise<void> => {
  await scaleTo(2);
  await kubectl('rollout', 'status', ...inSystem, 'deployment/transship-controller', '--timeout=120s');
};
