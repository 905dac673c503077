import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { criuConfigPath } from '../checkpoint/criu-config.ts';
import { onHost } from '../host/paths.ts';

const configJson = z.looseObject({
  annotations: z.record(z.string(), z.string()).optional(),
  mounts: z.array(z.looseObject({ destination: z.string(), source: z.string().optional() })),
  linux: z.looseObject({ namespaces: z.array(z.looseObject({ type: z.string(), path: z.string().optional() })) }),
});

/** What an OCI bundle says of the container that is about to be created from it. */
export interface Bundle {
  readonly podUID: string;
  /** What the pod's spec calls the container. */
  readonly container: string;
  /** Path of the pod's network namespace on the host. */
  readonly network: string;
  /** Lets CRIU read this file for the restore, and for later dumps, of this container (runc: annotation org.criu.config). */
  useCriuConfig(containerID: string): Promise<void>;
}

/**
 * Pod and container are known by the folder in which the kubelet keeps its
 * termination log: every container has one mounted, under every runtime, while
 * labels and annotations are not in the bundle under Docker (kubernetes
 * pkg/kubelet/kuberuntime, makeMounts; cri-dockerd core/container_create.go).
 */
const containerFolder = /\/pods\/([0-9a-f-]{36})\/containers\/([^/]+)\//;

/** @param path of the bundle on the host. Rejects when it is no bundle of a pod's container. */
export const readBundle = async (path: string): Promise<Bundle> => {
  const file = onHost(join(path, 'config.json'));
  const config = configJson.parse(JSON.parse(await readFile(file, 'utf8')));
  const folder = config.mounts.map((m) => containerFolder.exec(m.source ?? '')).find((found) => found !== null);
  const [, podUID, container] = folder ?? [];
  const network = config.linux.namespaces.find((n) => n.type === 'network')?.path;
  if (podUID === undefined || container === undefined || network === undefined)
    throw new Error(`Bundle ${path} does not belong to a pod with a network of its own`);
  return {
    podUID,
    container,
    network,
    async useCriuConfig(containerID) {
      const annotations = { ...config.annotations, 'org.criu.config': criuConfigPath(containerID) };
      await writeFile(file, JSON.stringify({ ...config, annotations }));
    },
  };
};
