import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';

import { nodeNamed, nodes, type LabNode } from '../cluster.ts';
import { feedToNode, outcomeInNode } from '../node-exec.ts';
import { step } from '../progress.ts';
import { until } from '../wait.ts';

const probes = {
  containerd: ['ctr', '--connect-timeout', '2s', 'version'],
  docker: ['docker', 'version'],
} as const;

const loaders = {
  // Once unpacked, a layer's tar is of no more use: there is no registry to push it to.
  containerd: ['ctr', '-n', 'k8s.io', 'images', 'import', '--local', '--discard-unpacked-layers', '-'],
  docker: ['docker', 'load', '--quiet'],
} as const;

/** Loads a Docker archive into a node's runtime. */
export async function loadImage(node: LabNode, archive: string): Promise<void> {
  const file = await open(archive);
  try {
    await feedToNode(node.name, file.fd, loaders[node.runtime]);
  } finally {
    await file.close();
  }
}

/** Loads an archive into the nodes of these names, or into all. */
export async function loadImageInto(archive: string, names: readonly string[]): Promise<void> {
  if (!existsSync(archive)) throw new Error(`there is no archive ${archive}`);
  const targets = names.length === 0 ? nodes : names.map(nodeNamed);
  const where = targets.map(({ name }) => name).join(', ');
  await step(`loading ${archive} into ${where}`, () => Promise.all(targets.map((node) => loadImage(node, archive))));
}

export async function runtimeUp(node: LabNode): Promise<void> {
  const what = `${node.runtime} on ${node.name}`;
  await until({ what, timeoutMs: 40_000 }, async () => {
    const { code } = await outcomeInNode(node.name, probes[node.runtime], { timeoutMs: 5_000 });
    return code === 0 || undefined;
  });
}
