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
  /** Path of the pod's network namespace on the host. */
  readonly network: string;
  /** Lets CRIU read this file for the restore, and for later dumps, of this container (runc: annotation org.criu.config). */
  useCriuConfig(containerID: string): Promise<void>;
}

/**
 * The pod is known by the folder in which the kubelet keeps its /etc/hosts and
 * termination log: that is in the bundle under every runtime, while labels and
 * annotations are not there under Docker (cri-dockerd core/container_create.go).
 */
const podFolder = /\/pods\/([0-9a-f-]{36})\//;

/** @param path of the bundle on the host. Rejects when it is no bundle of a pod's container. */
export const readBundle = async (path: string): Promise<Bundle> => {
  const file = onHost(join(path, 'config.json'));
  const config = configJson.parse(JSON.parse(await readFile(file, 'utf8')));
  const podUID = config.mounts.map((m) => podFolder.exec(m.source ?? '')?.[1]).find((uid) => uid !== undefined);
  const network = config.linux.namespaces.find((n) => n.type === 'network')?.path;
  if (podUID === undefined || network === undefined)
    throw new Error(`Bundle ${path} does not belong to a pod with a network of its own`);
  return {
    podUID,
    network,
    async useCriuConfig(containerID) {
      const annotations = { ...config.annotations, 'org.criu.config': criuConfigPath(containerID) };
      await writeFile(file, JSON.stringify({ ...config, annotations }));
    },
  };
};
