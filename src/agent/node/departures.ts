import { access, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RuntimePort } from '../runtime/port.ts';
import { departedDirectory, keptDirectory, onHost } from '../host/paths.ts';

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

/**
 * Forgets the addresses of sandboxes that the runtime does not know any more: their networks have been told, or never
 * will be, as after a commit that was learned of when the kubelet had ended the source already.
 */
export const forgetKeptAddresses = async (
  runtime: Pick<RuntimePort, 'hasSandbox'>,
  signal: AbortSignal,
): Promise<void> => {
  const kept = await readdir(keptDirectory).catch(() => []); // nothing has departed yet
  for (const sandboxID of kept)
    if (!(await runtime.hasSandbox(sandboxID, signal))) await rm(join(keptDirectory, sandboxID), { force: true });
};
