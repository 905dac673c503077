import { readdirSync, readFileSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, ReasonedError } from '../../api/reasons.ts';
import { onHost } from '../host/paths.ts';

/*
 * SysV shared memory, message queues and semaphores belong to the IPC namespace,
 * which the containers of a pod have in common. So each of their images has all
 * of them, and the restore of the second would find that they are there already
 * (IPC_EXCL, criu/ipc_ns.c). One image keeps them: that of the container which has
 * segments attached, for CRIU attaches only what it has made in the same restore
 * (criu/shmem.c, open_shmem_sysv).
 */

/** `ipcns-var` has only the namespace's limits, and every restore wants it. */
const objectFile = /^ipcns-(shm|msg|sem)-\d+\.img$/;

/** Two magic numbers (criu/include/magic.h). */
const headBytes = 8;

/** Paths of the images of such objects, when there is any. */
const objectImages = (directory: string): readonly string[] => {
  const paths = readdirSync(directory)
    .filter((name) => objectFile.test(name))
    .map((name) => join(directory, name));
  return paths.some((path) => statSync(path).size > headBytes) ? paths : [];
};

/** Whether a segment is among what /proc/PID/maps tells of (ipc/shm.c, newseg). */
export const hasSegment = (maps: string): boolean => /\s\/SYSV[0-9a-f]{8}( \(deleted\))?$/m.test(maps);

const mapsOf = (pid: number): string => {
  try {
    return readFileSync(onHost(`/proc/${pid}/maps`), 'utf8');
  } catch {
    return ''; // it has ended
  }
};

/** Whether any of these processes has a segment attached. */
export const haveSegments = (pids: readonly number[]): boolean => pids.some((pid) => hasSegment(mapsOf(pid)));

export interface Attaching {
  readonly name: string;
  readonly hasSegments: () => boolean;
}

const attached = (containers: readonly Attaching[]): readonly string[] =>
  containers.filter(({ hasSegments }) => hasSegments()).map(({ name }) => name);

const isShared = (pod: string, names: readonly string[]): Finding => ({
  reason: 'SegmentShared',
  message: `${pod} has SysV shared memory attached in several containers: ${names.join(', ')}`,
});

/** What stands in the way of a pod that has such objects. */
export const segmentFindings = (pod: string, containers: readonly Attaching[]): readonly Finding[] => {
  const names = attached(containers);
  return names.length > 1 ? [isShared(pod, names)] : [];
};

/** Whose image is to keep the objects; the first has them where nobody has attached any. Throws SegmentShared. */
const keeperOf = (pod: string, containers: readonly Attaching[]): string | undefined => {
  const names = attached(containers);
  const { reason, message } = isShared(pod, names);
  if (names.length > 1) throw new ReasonedError(reason, message);
  return names[0] ?? containers[0]?.name;
};

/** Takes the objects from the image of every container but one. */
export interface ObjectKeeping {
  /**
   * Of a container that has been dumped, while all stand still. Synchronous, as all that is done in the freeze.
   * Throws SegmentShared.
   */
  keep(container: string, directory: string): void;
}

export const keepObjectsOnce = (pod: string, containers: readonly Attaching[]): ObjectKeeping => {
  let keeper: string | undefined;
  return {
    keep(container, directory) {
      const images = objectImages(directory);
      if (images.length === 0) return;
      keeper ??= keeperOf(pod, containers);
      if (container !== keeper) for (const image of images) unlinkSync(image);
    },
  };
};
