import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { loadImageInto } from '../../lab/images/load.ts';
import { nodes } from '../../lab/cluster.ts';
import { run } from '../../lab/process.ts';
import { step } from '../../lab/progress.ts';
import { until } from '../../lab/wait.ts';
import { getJson, kubectl } from './kubectl.ts';
import { rememberUntouched } from './untouched.ts';

const root = join(import.meta.dirname, '..', '..');
const archive = join(root, 'dist', 'transship-image.tar');
const namespace = 'transship-system';

interface Workload {
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly status: {
    readonly observedGeneration?: number;
    readonly readyReplicas?: number;
    readonly numberReady?: number;
    readonly desiredNumberScheduled?: number;
  };
}

const rolledOut = async (): Promise<true | undefined> => {
  await kubectl(
    'rollout',
    'status',
    '-n',
    namespace,
    'deployment/transship-controller',
    'deployment/transship-scheduler',
    '--timeout=2s',
  );
  await kubectl('rollout', 'status', '-n', namespace, 'daemonset/transship-agent', '--timeout=2s');
  return true;
};

/** Every agent has reported that its node can take part. */
const agentsReady = async (): Promise<true | undefined> => {
  const { items } = await getJson<{ items: { status?: { ready: boolean; heartbeatTime: string } }[] }>(
    'migrationnodes.transship.dev',
  );
  const fresh = items.filter((n) => n.status?.ready && Date.now() - Date.parse(n.status.heartbeatTime) < 30_000);
  return fresh.length === nodes.length ? true : undefined;
};

/** Pods that run an older build of the same tag are replaced; Kubernetes sees no change of the image's name. */
const restartIfOlder = async (): Promise<void> => {
  const built = (await stat(archive)).mtime.toISOString();
  const { items } = await getJson<{
    items: (Workload & {
      readonly kind: string;
      readonly spec: { template: { metadata: { annotations?: Record<string, string> } } };
    })[];
  }>('deployments,daemonsets', '-n', namespace);
  for (const workload of items.filter((w) => w.metadata.name !== 'transship-scheduler')) {
    const patch = { spec: { template: { metadata: { annotations: { 'transship.dev/built': built } } } } };
    if (workload.spec.template.metadata.annotations?.['transship.dev/built'] === built) continue;
    await kubectl(
      'patch',
      '-n',
      namespace,
      `${workload.kind.toLowerCase()}/${workload.metadata.name}`,
      '--type=merge',
      '-p',
      JSON.stringify(patch),
    );
  }
};

/** Installs Transship on the lab as on any cluster: load one image, apply one overlay. That of faults has fail points. */
export const installTransship = async (overlay: 'lab' | 'fault' = 'lab'): Promise<void> => {
  await step('see how the nodes are without it', rememberUntouched);
  await step('build the image of Transship', () => run(process.execPath, [join(root, 'image', 'build.ts')]));
  await step('load it into all nodes', () =>
    loadImageInto(
      archive,
      nodes.map((n) => n.name),
    ),
  );
  await step(`kubectl apply -k manifests/overlays/${overlay}`, async () => {
    await kubectl('apply', '-k', join(root, 'manifests', 'overlays', overlay));
    await restartIfOlder();
  });
  await step('wait until controller, scheduler and agents are ready', async () => {
    await until({ what: 'the pods of Transship', timeoutMs: 180_000, everyMs: 500 }, rolledOut);
    await until({ what: 'the agents of all nodes', timeoutMs: 60_000, everyMs: 500 }, agentsReady);
  });
};
