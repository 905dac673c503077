import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { apiReady, applyObject, labelNode, nodeStates } from './api.ts';
import { buildAll, removeOldArtefacts, type Artefacts } from './build/all.ts';
import { controlPlane, kubeconfigFile, madeFromFile, nodeLogs, nodes, stateFolder, type LabNode } from './cluster.ts';
import { cniConfig } from './config/cni.ts';
import { flannelAccess, flannelMtu } from './config/flannel.ts';
import { takeDown } from './down.ts';
import { addPodRoutes, makeBridge, type PodRoute } from './host/network.ts';
import { raiseSysctls } from './host/sysctls.ts';
import { loadImage, runtimeUp } from './images/load.ts';
import { networkKindFile, networkOfLab, wantedNetwork, type NetworkKind } from './network-kind.ts';
import { nodePid, outcomeInNode, runInNode } from './node-exec.ts';
import { prepareNode } from './node/prepare.ts';
import { connectToPods, podRoutesOf } from './node/pod-routes.ts';
import { startNode } from './node/start.ts';
import { makeStores } from './node/store.ts';
import { makeClusterCertificates } from './pki/cluster-certificates.ts';
import { requirePreflight } from './preflight/preflight.ts';
import { run } from './process.ts';
import { say, step } from './progress.ts';
import { until } from './wait.ts';

/** Brings the lab up, or finds that it is. A lab of which a part is missing is taken down and made anew. */
export async function bringUp(): Promise<void> {
  await requirePreflight();
  const network = wantedNetwork() ?? networkOfLab();
  const artefacts = await buildAll(network);
  const madeFrom = await readFile(madeFromFile, 'utf8').catch(() => undefined);
  const current = JSON.stringify(artefacts);
  const isOther = madeFrom !== undefined && network !== networkOfLab();
  if (isOther) say(`the lab that runs has another network (${networkOfLab()}) than is asked for (${network})`);
  if (madeFrom !== undefined && !isOther && nodes.every((node) => nodePid(node) !== undefined)) {
    say('all nodes run already');
    if (madeFrom !== current) say('they were made from older sources: `make lab-down lab-up` renews them');
    await allReady();
  } else {
    await step('clearing what an earlier lab left', takeDown);
    await removeOldArtefacts();
    await create(artefacts, network);
    await writeFile(madeFromFile, current);
  }
  say(`the lab is up: KUBECONFIG=${kubeconfigFile}, or use lab/bin/kubectl`);
}

export async function buildOnly(): Promise<void> {
  await requirePreflight();
  await buildAll(wantedNetwork() ?? networkOfLab());
  say('everything is built');
}

async function create(artefacts: Artefacts, network: NetworkKind): Promise<void> {
  await step('certificates and configuration', async () => {
    await mkdir(stateFolder, { recursive: true });
    await run('mount', ['-t', 'tmpfs', '-o', 'size=75%,mode=755', 'transship-lab', stateFolder]);
    await writeFile(networkKindFile, `${network}\n`);
    await makeStores();
    await raiseSysctls();
    await makeClusterCertificates();
    await Promise.all(nodes.map((node) => prepareNode(node, network)));
  });
  await step('starting the nodes', async () => {
    await makeBridge();
    for (const node of nodes) await startNode(node, artefacts);
  });
  await Promise.all([
    step('the API server', apiUp).then(() => step(`the pod network (${network})`, () => connectPods(network))),
    step('loading images into the nodes', () => loadAll(artefacts.images)),
  ]);
  await allReady();
}

const logOf = (node: LabNode, daemon: string): string => join(nodeLogs(node.name), `${daemon}.log`);

const apiUp = (): Promise<true> =>
  until(
    { what: `the API server (log: ${logOf(controlPlane, 'kube-apiserver')})`, timeoutMs: 60_000 },
    async () => (await apiReady()) || undefined,
  );

/** Gives every node the network that the controller manager allotted to it, and everyone the routes there. */
async function connectPods(network: NetworkKind): Promise<void> {
  const states = await until(
    { what: `every node to register (logs: ${logOf(controlPlane, 'kubelet')} and the like)`, timeoutMs: 60_000 },
    async () => {
      const found = await nodeStates();
      return found.filter(({ podCidr }) => podCidr).length === nodes.length ? found : undefined;
    },
  );
  await labelNode(controlPlane.name, { 'node-role.kubernetes.io/control-plane': '' });
  const routes = podRoutesOf(states);
  await addPodRoutes(routes);
  if (network === 'flannel') for (const [path, object] of flannelAccess) await applyObject(path, object);
  for (const { via, podCidr } of routes) {
    if (network === 'routes') await connectToPods(via, routes);
    // Written elsewhere and moved in place: the runtimes watch the folder and would read half a file.
    const place = 'cat > /run/lab.conflist && mv /run/lab.conflist /etc/cni/net.d/10-lab.conflist';
    await runInNode(via.name, ['sh', '-c', place], {
      input: cniConfig(podCidr, network === 'flannel' ? flannelMtu : undefined),
    });
  }
  if (network === 'flannel') await Promise.all(nodes.map((node) => flannelUp(node, routes)));
}

/** Each node's flannel writes down where it is, and every other one makes a route of it. */
const flannelUp = (node: LabNode, routes: readonly PodRoute[]): Promise<true> =>
  until({ what: `flannel on ${node.name} (log: ${logOf(node, 'flanneld')})`, timeoutMs: 60_000 }, async () => {
    const { stdout } = await outcomeInNode(node.name, ['ip', 'route', 'show', 'dev', 'flannel.1']);
    const led = new Set(stdout.split('\n').map((line) => line.split(' ')[0]));
    return routes.every(({ via, podCidr }) => via === node || led.has(podCidr)) || undefined;
  });

async function loadAll(archives: readonly string[]): Promise<void> {
  await Promise.all(
    nodes.map(async (node: LabNode) => {
      await runtimeUp(node);
      for (const archive of archives) await loadImage(node, archive);
    }),
  );
}

async function allReady(): Promise<void> {
  await step('all nodes Ready', () =>
    until({ what: 'all nodes to be Ready (see `make lab-status`)', timeoutMs: 90_000 }, async () => {
      const ready = (await nodeStates()).filter((state) => state.ready);
      return ready.length === nodes.length || undefined;
    }),
  );
}
