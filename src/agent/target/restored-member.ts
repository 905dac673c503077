import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ReasonedError } from '../../api/reasons.ts';
import { readComplaints } from '../checkpoint/dump.ts';
import { waitingDirectory } from '../host/paths.ts';
import type { TargetMember } from './member.ts';
import type { TargetPorts } from './ports.ts';
import { processesOf } from './tree.ts';

/** Lets its runc restore a container. Rejects with RestoreFailed, in the words of CRIU. */
export const restoreOne = async ({ rendezvous, image, name }: TargetMember, signal: AbortSignal): Promise<void> => {
  const code = await rendezvous.restore(image, signal);
  if (code === 0) return;
  const complaints = await readComplaints(join(image.logs, 'restore.log'));
  throw new ReasonedError(
    'RestoreFailed',
    `container ${name}: ${complaints || `runc restore ended with ${code}; the log of containerd or dockerd has its words`}`,
  );
};

/** All that was restored. Throws TargetPodGone when nothing is left of one of its containers: nothing may be promised then. */
export const heldProcesses = async (
  ports: TargetPorts,
  members: readonly TargetMember[],
): Promise<readonly number[]> => {
  const trees = await Promise.all(
    members.map(async ({ name, id }) => ({ name, processes: await processesOf(ports, id) })),
  );
  const gone = trees.filter(({ processes }) => processes.length === 0).map(({ name }) => name);
  if (gone.length === 0) return trees.flatMap(({ processes }) => processes);
  throw new ReasonedError('TargetPodGone', `the restored processes of container ${gone.join(', ')} have ended`);
};

/** From now on its runtime may run commands in it (node/transship-runc). Synchronous, as all that is done in the freeze. */
export const endWaiting = ({ id }: TargetMember): void => {
  try {
    unlinkSync(join(waitingDirectory, id));
  } catch {
    // an earlier process of this agent has done so
  }
};
