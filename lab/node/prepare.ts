import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { nodeLogs, nodeShare, type LabNode } from '../cluster.ts';
import { nodeFiles, services } from '../config/files.ts';
import type { NetworkKind } from '../network-kind.ts';

/** Fills the folder that a node sees as /lab: its configuration, its services and their supervisor. */
export async function prepareNode(node: LabNode, kind: NetworkKind): Promise<void> {
  const share = nodeShare(node.name);
  await mkdir(nodeLogs(node.name), { recursive: true });
  for (const [path, text] of nodeFiles(node, kind)) {
    await mkdir(dirname(join(share, path)), { recursive: true });
    await writeFile(join(share, path), text);
  }
  await cp(join(import.meta.dirname, 'supervisor.sh'), join(share, 'supervisor.sh'));
  for (const service of services(node, kind))
    await cp(join(import.meta.dirname, 'services', service), join(share, 'services', service));
}
