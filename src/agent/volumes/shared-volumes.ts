import { type Finding, ReasonedError, sentenceOf } from '../../api/reasons.ts';
import { flush } from './flush.ts';
import { findLocks } from './locks.ts';
import { type OpenFile, openFilesOn } from './open-files.ts';
import { type SharedMount, sharedMountsOf } from './shared-mounts.ts';

/** A container of the source, for its mounts and for what its processes hold. */
export interface Holder {
  readonly bundle: string;
  readonly processes: () => Promise<readonly number[]>;
}

/** The volumes of a source that other nodes mount as well. */
export interface SharedVolumes {
  /** Brings what was written to their servers while the source runs, so that little is left to be done in the freeze. */
  writeOut(signal: AbortSignal): Promise<void>;
  /**
   * Of a frozen source: brings the rest there, and looks once more for locks. To be awaited before the target is restored.
   * Rejects with VolumeNotFlushed or VolumeLockHeld.
   */
  settle(signal: AbortSignal): Promise<void>;
  /** Everything that stands in the way because of them. */
  findings(signal: AbortSignal): Promise<readonly Finding[]>;
}

interface Part {
  readonly mounts: readonly SharedMount[];
  readonly processes: Holder['processes'];
}

const filesOf = async (parts: readonly Part[]): Promise<readonly OpenFile[]> =>
  (await Promise.all(parts.map(async ({ mounts, processes }) => openFilesOn(mounts, await processes())))).flat();

export const openSharedVolumes = async (containers: readonly Holder[]): Promise<SharedVolumes> => {
  const all = await Promise.all(
    containers.map(async ({ bundle, processes }) => ({ mounts: await sharedMountsOf(bundle), processes })),
  );
  const parts = all.filter(({ mounts }) => mounts.length > 0);
  const mounts = parts.flatMap((part) => part.mounts);
  return {
    writeOut: (signal) => flush(mounts, [], signal), // a file may be closed before it is asked for
    async settle(signal) {
      const files = await filesOf(parts);
      const [locks] = await Promise.all([findLocks(files, signal), flush(mounts, files, signal)]);
      const [first] = locks;
      if (first) throw new ReasonedError(first.reason, sentenceOf(locks));
    },
    findings: async (signal) => findLocks(await filesOf(parts), signal),
  };
};
