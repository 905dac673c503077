import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { apiReady, labelNode, nodeStates } from './api.ts';
import { buildAll, removeOldArtefacts, type Artefacts } from './build/all.ts';
import { controlPlane, kubeconfigFile, madeFromFile, nodeLogs, nodes, stateFolder, type LabNode } from './cluster.ts';
import { cniConfig } from './config/cni.ts';
import { takeDown } from './down.ts';
import { addPodRoutes, makeBridge } from './host/network.ts';
import { raiseSysctls } from './host/sysctls.ts';
import { loadImage, runtimeUp } from './images/load.ts';
import { nodePid, runInNode } from './node-exec.ts';
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
  const artefacts = await buildAll();
  const madeFrom = await readFile(madeFromFile, 'utf8').catch(() => undefined);
  const current = JSON.stringify(artefacts);
  if (madeFrom !== undefined && nodes.every((node) => nodePid(node) !== undefined)) {
    say('all nodes run already');
    if (madeFrom !== current) say('they were made from older sources: `make lab-down lab-up` renews them');
    await allReady();
  } else {
    await step('clearing what an earlier lab left', takeDown);
    await removeOldArtefacts();
    await create(artefacts);
    await writeFile(madeFromFile, current);
  }
  say(`the lab is up: KUBECONFIG=${kubeconfigFile}, or use lab/bin/kubectl`);
}

export async function buildOnly(): Promise<void> {
  await requirePreflight();
  await buildAll();
  say('everything is built');
}

async function create(artefacts: Artefacts): Promise<void> {
  await step('certificates and configuration', async () => {
    await mkdir(stateFolder, { recursive: true });
    await run('mount', ['-t', 'tmpfs', '-o', 'size=75%,mode=755', 'transship-lab', stateFolder]);
    await makeStores();
    await raiseSysctls();
    await makeClusterCertificates();
    await Promise.all(nodes.map(prepareNode));
  });
  await step('starting the nodes', async () => {
    await makeBridge();
    for (const node of nodes) await startNode(node, artefacts);
  });
  await Promise.all([
    step('the API server', apiUp).then(() => step('the pod network', connectPods)),
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
async function connectPods(): Promise<void> {
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
  for (const { via, podCidr } of routes) {
    await connectToPods(via, routes);
    // Written elsewhere and moved in place: the runtimes watch the folder and would read half a file.
    const place = 'cat > /run/lab.conflist && mv /run/lab.conflist /etc/cni/net.d/10-lab.conflist';
    await runInNode(via.name, ['sh', '-c', place], { input: cniConfig(podCidr) });
  }
}

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
