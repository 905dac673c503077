import { until } from '../../lab/wait.ts';
import { getJson, kubectl } from './kubectl.ts';
import type { PodView } from './redis.ts';

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

/** A Service leads to a pod only some time after it is ready, and without an answer every pod is left as it comes. */
const isAsked = async (): Promise<true | undefined> => {
  const optedIn = ['--image=any', '--annotations=transship.dev/migrate=true'];
  const made = await kubectl('run', 'asked', '-n', 'default', ...optedIn, '--dry-run=server', '-o', 'json');
  return 'runtimeClassName' in (JSON.parse(made) as PodView).spec ? true : undefined;
};

/** Resolves when the API server asks them again. */
export const startControllers = async (): Promise<void> => {
  await scaleTo(2);
  await kubectl('rollout', 'status', ...inSystem, 'deployment/transship-controller', '--timeout=120s');
  await until({ what: 'a pod to be prepared by the webhook', timeoutMs: 60_000 }, isAsked);
};
