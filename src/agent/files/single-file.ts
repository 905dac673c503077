import { stat } from 'node:fs/promises';
import type { Finding } from '../../api/reasons.ts';
import { onHost } from '../host/paths.ts';
import { exists, type Mount, partOf } from './roots.ts';

const isFile = (path: string): Promise<boolean> =>
  stat(onHost(path)).then(
    (s) => !s.isDirectory(),
    () => false, // not there any more
  );

/** Of an emptyDir, what is not there when a container starts is made as a folder (kubernetes, pkg/kubelet, makeMounts). */
const findingOf = async (pod: string, mount: Mount): Promise<Finding | undefined> => {
  const volume = partOf(mount);
  if (!volume || !(await exists(volume)) || !(await isFile(mount.source ?? ''))) return undefined;
  const name = volume.name.replace('emptydir/', '');
  return {
    reason: 'SubPathIsFile',
    message: `${pod} mounts a single file of emptyDir ${name} at ${mount.destination} (subPath)`,
  };
};

/** The parts of emptyDirs that a target could not mount. */
export const singleFileFindings = async (pod: string, mounts: readonly Mount[]): Promise<readonly Finding[]> =>
  (await Promise.all(mounts.map((mount) => findingOf(pod, mount)))).flatMap((finding) => finding ?? []);
