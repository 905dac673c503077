/** What is to be said of the volumes of a pod: a part of the registry. */
export const reasonsOfVolumes = {
  VolumeIsLocal: {
    kind: 'unmovable',
    means:
      'A PersistentVolume of the pod lies on a disk of its node (local, hostPath, or only for nodes of a name), so that the pod cannot run elsewhere.',
  },
  VolumeReadWriteOnce: {
    kind: 'unmovable',
    means:
      'A PersistentVolume of the pod, or its claim, is for one node at a time (ReadWriteOnce, ReadWriteOncePod), and during a move both nodes would have to mount it. Use a ReadWriteMany claim where the storage has such.',
  },
  VolumeNotSupported: {
    kind: 'unmovable',
    means:
      'The pod has a volume that cannot go along to another node in this version. What can: emptyDir, what the API server gives (configMap, secret, projected, downwardAPI), and claims that several nodes can mount (ReadWriteMany, ReadOnlyMany; both the claim and its PersistentVolume have to say so, and not as a block device).',
  },
  VolumeLockHeld: {
    kind: 'fault',
    means:
      'Somebody holds a lock on a file that the pod has open on a volume that several nodes mount. Such a lock is kept by the server of the volume, for the node that asked, and cannot be handed over. The move is tried again, for locks that are held for a moment.',
    retry: 'anywhere',
  },
  VolumeNotFlushed: {
    kind: 'fault',
    means:
      'What the pod wrote to a volume that several nodes mount could not be brought to where the target sees it, or the server of the volume did not answer in time. Look at the volume on the node of the source.',
    retry: 'anywhere',
  },
} as const;
