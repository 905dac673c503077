import { rm, stat } from 'node:fs/promises';
import { onHost } from '../agent/host/paths.ts';
import type { Step } from './step.ts';

/** On the host, and nobody else's: scripts, their settings, and how files were before us. */
export const ownFolder = '/opt/transship';

/** Comes first in a plan, and so goes last. */
export const ownFolderStep: Step = {
  what: `the folder ${ownFolder}`,
  apply: () => Promise.resolve(false), // whoever puts something there makes it
  async revert() {
    const there = await stat(onHost(ownFolder)).then(
      () => true,
      () => false,
    );
    await rm(onHost(ownFolder), { recursive: true, force: true });
    return there;
  },
};
