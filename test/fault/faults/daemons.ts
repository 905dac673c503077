import { apiReady } from '../../../lab/api.ts';
import { controlPlane, nodeNamed, type Runtime } from '../../../lab/cluster.ts';
import { runtimeUp } from '../../../lab/images/load.ts';
import { daemonsDown, killDaemon } from '../../../lab/node/daemons.ts';
import { until } from '../../../lab/wait.ts';
import { type Fault, type Injected, type Side, sides } from './fault.ts';

/** Daemons of a node, killed; the lab's supervisor starts them again at once, as systemd does. */

const backMs = 30_000;

const nodeIsWhole = async (name: string): Promise<void> => {
  const node = nodeNamed(name);
  await until({ what: `the daemons of ${name}`, timeoutMs: backMs }, async () =>
    (await daemonsDown(node)).length === 0 ? true : undefined,
  );
  await runtimeUp(node);
};

const restarted = (daemon: string, side: Side, runtime?: Runtime): Fault => ({
  name: `${side}-${daemon}-restarted`,
  what: `${daemon} of the ${side} is killed and started again`,
  touches: 'pair',
  ...(runtime && { needs: { [side]: runtime } }),
  async inject(scene): Promise<Injected> {
    const killed = await killDaemon(scene[side], daemon);
    return {
      async undo() {
        await killed.back();
        await nodeIsWhole(scene[side]);
      },
    };
  },
});

const ofControlPlane = (name: string, daemon: string): Fault => ({
  name,
  what: `${daemon} is killed and started again`,
  touches: 'cluster',
  async inject(): Promise<Injected> {
    const killed = await killDaemon(controlPlane.name, daemon);
    return {
      async undo() {
        await killed.back();
        await until({ what: 'the API server', timeoutMs: backMs }, async () => (await apiReady()) || undefined);
      },
    };
  },
});

export const daemonFaults: readonly Fault[] = [
  ...sides.flatMap((side) => [
    restarted('containerd', side),
    restarted('dockerd', side, 'docker'),
    restarted('cri-dockerd', side, 'docker'),
    restarted('kubelet', side),
  ]),
  ofControlPlane('api-server-restarted', 'kube-apiserver'),
  ofControlPlane('etcd-restarted', 'etcd'),
];
