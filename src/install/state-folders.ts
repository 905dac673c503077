import { inHost, run } from '../agent/host/command.ts';
import {
  criuDirectory,
  departedDirectory,
  diskDirectory,
  heldDirectory,
  imagesDirectory,
  journalDirectory,
  keptDirectory,
  owedDirectory,
  repliesDirectory,
  restoredDirectory,
  stateDirectory,
  waitingDirectory,
  withheldDirectory,
} from '../agent/host/paths.ts';
import { giveAllStatesBack } from '../agent/host/withheld-state.ts';
import type { Step } from './step.ts';

const folders = [
  repliesDirectory,
  restoredDirectory,
  waitingDirectory,
  departedDirectory,
  heldDirectory,
  withheldDirectory,
  keptDirectory,
  owedDirectory,
  criuDirectory,
  journalDirectory,
  imagesDirectory,
];

const isMounted = (): Promise<boolean> =>
  run(inHost(['mountpoint', '-q', imagesDirectory])).then(
    () => true,
    () => false,
  );

/**
 * Folders under /run and, for what a reboot must not forget, under /var/lib; and a tmpfs for images in memory: an image holds whatever
 * the pod held, keys included, and must never reach a disk.
 */
export const stateFolders: Step = {
  what: 'the folders of the agent',
  async apply() {
    await run(inHost(['mkdir', '-p', '-m', '700', ...folders]));
    if (await isMounted()) return false;
    await run(
      inHost(['mount', '-t', 'tmpfs', '-o', 'size=50%,mode=0700,nosuid,nodev,noexec', 'transship', imagesDirectory]),
    );
    return true;
  },
  async revert() {
    await giveAllStatesBack(); // nobody else could
    const mounted = await isMounted();
    if (mounted) await run(inHost(['umount', imagesDirectory]));
    await run(inHost(['rm', '-rf', '--one-file-system', stateDirectory, diskDirectory]));
    return mounted;
  },
};
