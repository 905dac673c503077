import { apply, kubectl } from './kubectl.ts';
import { runInNode } from '../../lab/node-exec.ts';

/** On the nodes that can mount a volume which is not for all. */
export const storageLabel = 'e2e.transship.dev/storage';

export interface VolumeOptions {
  readonly namespace: string;
  /** Of the claim; the PersistentVolume is called after both. */
  readonly name: string;
  readonly accessModes: readonly string[];
  /** Only for nodes with {@link storageLabel}. */
  readonly isForSomeNodes?: boolean;
}

const volumeName = ({ namespace, name }: Pick<VolumeOptions, 'namespace' | 'name'>): string => `${namespace}-${name}`;

const nodeAffinity = {
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key: storageLabel, operator: 'Exists' }] }] },
};

/** A claim on the volume that the lab offers to all nodes (GlusterFS, `n0:/shared`), whatever its modes say. */
export const claimSharedVolume = async (options: VolumeOptions): Promise<void> => {
  const { namespace, name, accessModes, isForSomeNodes = false } = options;
  const size = { storage: '1Gi' };
  await apply(
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: volumeName(options) },
      spec: {
        accessModes,
        capacity: size,
        persistentVolumeReclaimPolicy: 'Retain',
        claimRef: { namespace, name },
        flexVolume: { driver: 'lab/glusterfs', options: { volume: 'n0:/shared' } },
        ...(isForSomeNodes && { nodeAffinity }),
      },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { namespace, name },
      spec: {
        accessModes,
        resources: { requests: size },
        storageClassName: '',
        volumeName: volumeName(options),
      },
    },
  );
};

export const removeSharedVolumes = async (...volumes: readonly Pick<VolumeOptions, 'namespace' | 'name'>[]) => {
  await kubectl('delete', 'pv', ...volumes.map(volumeName), '--ignore-not-found', '--wait=false');
};

/** What serves a pod's GlusterFS volumes on its node stops, or goes on: as if the server were gone for a while. */
export const signalVolumeClients = (node: string, podUID: string, signal: 'STOP' | 'CONT'): Promise<string> =>
  runInNode(node, ['pkill', `-${signal}`, '-f', `^/usr/sbin/glusterfs .*/pods/${podUID}/`]);
