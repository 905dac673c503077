import { access, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { criuDirectory } from '../host/paths.ts';

/** Of a container that was restored here: its bundle names this file (runc: annotation org.criu.config). */
export const criuConfigPath = (containerID: string): string => join(criuDirectory, `${containerID}.conf`);

/** As node/criu.conf, which is read where this file does not exist. */
const common = 'tcp-established\nskip-in-flight\nnetwork-lock nftables\nghost-limit 64M\n';

/** A restored tree is held: complete, and stopped until it gets SIGCONT. */
const held = `${common}leave-stopped\n`;

export const configureRestore = (containerID: string): Promise<void> => writeFile(criuConfigPath(containerID), held);

/** @param files which descriptor CRIU is to take for which file, as `inherit-fd` wants it. */
export const inheritAtRestore = (containerID: string, files: readonly string[]): Promise<void> =>
  writeFile(criuConfigPath(containerID), held + files.map((file) => `inherit-fd ${file}\n`).join(''));

/** Of a container that was not restored after all. */
export const forgetRestore = (containerID: string): Promise<void> => rm(criuConfigPath(containerID), { force: true });

/**
 * `leave-stopped` belongs to the restore alone: a dump that read it would leave
 * its source stopped. A container that was not restored here has no such file,
 * and CRIU reads that of the node.
 */
export const configureDump = async (containerID: string): Promise<void> => {
  const path = criuConfigPath(containerID);
  const restoredHere = await access(path).then(
    () => true,
    () => false,
  );
  if (restoredHere) await writeFile(path, common);
};
