/** What stands in the way of taking files along: a part of the registry. */
export const reasonsOfFiles = {
  VolumeFileOpen: {
    kind: 'unmovable',
    means:
      'A process of the pod has a file of a ConfigMap, Secret, projected or downward API volume open, mapped or watched, or is in its folder. The kubelet of each node keeps these files in a folder of another name, so it would not be found again. A program that reads such a file and closes it can be moved, and so can one that holds a file that is mounted alone (subPath).',
  },
  DeletedFileOpen: {
    kind: 'unmovable',
    means:
      'A process of the pod holds a deleted file that cannot go along: its content is copied inside the freeze, up to 64 MiB each, and it must not have another name (hard link).',
  },
  SubPathIsFile: {
    kind: 'unmovable',
    means:
      'A container mounts a single file of an emptyDir (subPath). The kubelet of the other node finds no such file in the volume, which is empty by then, and makes a folder in its place. Mount the folder that the file lies in.',
  },
  LayerNotWhole: {
    kind: 'unmovable',
    means:
      'What the container has written cannot be told from its image: overlay has redirect_dir or metacopy turned on on the node, and the writable layer refers to the image then. Turn them off (/sys/module/overlay/parameters) and start the pod anew.',
  },
  TooManyFiles: {
    kind: 'fault',
    means:
      'To look through all files of the pod takes more than a quarter of the time for which its policy lets it stand still (maxFreezeSeconds): only a look tells what has changed.',
    retry: 'never',
  },
  FileTooDeep: {
    kind: 'fault',
    means: 'The path of a file of the pod, below its volume or its layer, has more than 4,091 bytes.',
    retry: 'never',
  },
} as const;
