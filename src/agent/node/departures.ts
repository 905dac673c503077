import { access, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { departedDirectory, onHost } from '../host/paths.ts';

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Forgets departed pods that are gone from the node for good. Until the kubelet
 * has removed the folder of a pod it could start it again, so the mark stays.
 */
export const forgetDepartures = async (): Promise<void> => {
  const departed = await readdir(departedDirectory).catch(() => []); // nothing has departed yet
  for (const uid of departed) {
    if (!(await exists(onHost(`/var/lib/kubelet/pods/${uid}`))))
      await rm(join(departedDirectory, uid), { force: true });
  }
};
