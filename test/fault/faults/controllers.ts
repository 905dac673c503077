import { nodes } from '../../../lab/cluster.ts';
import { until } from '../../../lab/wait.ts';
import { systemNamespace } from '../../../src/api/group.ts';
import { pods } from '../../../src/api/resource.ts';
import type { KubeApi } from '../../../src/kube/api.ts';
import { leases } from '../../../src/kube/builtin-resources.ts';
import type { Found } from '../cluster/descendants.ts';
import { end, isController, ofPod, processesOn } from '../cluster/processes.ts';
import type { Fault, Injected } from './fault.ts';

const gracePeriodMs = 30_000;
const backMs = 60_000;

const holderOf = async (api: KubeApi): Promise<string> =>
  (await api.get(leases, { namespace: systemNamespace, name: 'transship-controller' })).spec?.holderIdentity ?? '';

const onAllNodes = (matches: typeof isController): readonly Found[] =>
  nodes.flatMap(({ name }) => processesOn(name, matches));

/** The lease names the pod that leads, and something that only its process has chosen. */
const leaderOf = async (api: KubeApi): Promise<readonly Found[]> => {
  const name = (await holderOf(api)).split('_')[0] ?? '';
  const pod = await api.get(pods, { namespace: systemNamespace, name });
  const found = onAllNodes(ofPod(pod.metadata.uid, isController));
  if (found.length !== 1) throw new Error(`pod ${name}, which leads, has ${String(found.length)} controllers`);
  return found;
};

const replicasAreBack = (): Promise<true> =>
  until({ what: 'two controllers', timeoutMs: backMs, everyMs: 200 }, () =>
    Promise.resolve(onAllNodes(isController).length === 2 ? true : undefined),
  );

const whenBack: Injected = { undo: replicasAreBack };

export const controllerFaults: readonly Fault[] = [
  {
    name: 'leader-killed',
    what: 'the leading controller is killed',
    touches: 'cluster',
    async inject({ api }) {
      await end(await leaderOf(api), 'SIGKILL');
      return whenBack;
    },
  },
  {
    name: 'replicas-killed',
    what: 'both controllers are killed',
    touches: 'cluster',
    async inject() {
      const found = onAllNodes(isController);
      if (found.length !== 2) throw new Error(`there are ${String(found.length)} controllers`);
      await end(found, 'SIGKILL');
      return whenBack;
    },
  },
  {
    name: 'leader-terminated',
    what: 'the leading controller is asked to end',
    touches: 'cluster',
    async inject({ api }) {
      const ending = end(await leaderOf(api), 'SIGTERM', gracePeriodMs);
      ending.catch(() => undefined); // told by the undo
      return {
        async undo() {
          await ending;
          await replicasAreBack();
        },
      };
    },
  },
];
