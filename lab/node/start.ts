import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Artefacts } from '../build/all.ts';
import { nodeFolder, nodeLogs, type LabNode } from '../cluster.ts';
import { makeCgroups } from '../host/cgroups.ts';
import { nodeMark } from '../host/lab-processes.ts';
import { connectNode } from '../host/network.ts';
import { nodePid } from '../node-exec.ts';
import { storeOf } from './store.ts';
import { until } from '../wait.ts';

const boot = join(import.meta.dirname, 'boot.sh');

/** Starts a node: namespaces of its own, its file system, its cable, and process 1, which starts its services. */
export async function startNode(node: LabNode, artefacts: Artefacts): Promise<void> {
  const folder = nodeFolder(node.name);
  const store = await storeOf(node.name);
  await mkdir(store, { recursive: true });
  await makeCgroups(node.name);
  const log = openSync(join(nodeLogs(node.name), 'boot.log'), 'a');
  const { nodeTree, kubernetes, criDockerd, flannel = '' } = artefacts;
  const unshare = spawn(
    'unshare',
    [
      ...['-m', '-n', '-p', '-u', '-i', '--fork'],
      'bash',
      boot,
      node.name,
      folder,
      store,
      nodeTree,
      kubernetes,
      criDockerd,
      flannel,
    ],
    { detached: true, stdio: ['ignore', log, log], env: { PATH: process.env.PATH, [nodeMark]: node.name } },
  );
  unshare.unref();
  closeSync(log);
  const what = `node ${node.name} to boot (log: ${join(nodeLogs(node.name), 'boot.log')})`;
  const pid = await until({ what, timeoutMs: 20_000, everyMs: 30 }, () => Promise.resolve(nodePid(node)));
  await connectNode(node, pid);
}
