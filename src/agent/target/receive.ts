import { join } from 'node:path';
import { ReasonedError } from '../../api/reasons.ts';
import { readComplaints } from '../checkpoint/dump.ts';
import { receiveTree } from '../files/receive.ts';
import { type Channel, nextOf } from '../transfer/channel.ts';
import { type OnTree, receiveImage } from '../transfer/receive-image.ts';
import type { Undo } from '../undo.ts';
import type { TargetPorts } from './ports.ts';
import { killTree, type Standing } from './standing.ts';

const treesInto =
  ({ roots }: Standing, channel: Channel, signal: AbortSignal): OnTree =>
  (tree) =>
    receiveTree(channel, roots, tree, signal);

/** Takes files for as long as the source runs. Resolves when it says that it stands still. */
export const receiveUntilFrozen = async (standing: Standing, channel: Channel, signal: AbortSignal): Promise<void> => {
  const onTree = treesInto(standing, channel, signal);
  for (;;) {
    const message = await nextOf(channel, ['tree', 'frozen'], signal);
    if (message.say === 'frozen') return;
    await onTree(message);
  }
};

/**
 * The target's side of the freeze, from the source's word that it stands still
 * until the tree is held.
 */
export const receiveAndHold = async (
  ports: TargetPorts,
  { standing, undo }: { readonly standing: Standing; readonly undo: Undo },
  channel: Channel,
  signal: AbortSignal,
): Promise<void> => {
  undo.add('Led packets to the source again', () => ports.routes.release(standing.ip));
  await ports.routes.override({ ip: standing.ip, toPod: { device: standing.hostDevice } });
  await channel.say({ say: 'routed' });
  await receiveImage(channel, standing.image.path, treesInto(standing, channel, signal), signal);
  undo.add('Killed the held target', () => killTree(ports, standing.containerID));
  const code = await standing.restore(signal);
  if (code !== 0) {
    const complaints = await readComplaints(join(standing.image.logs, 'restore.log'));
    throw new ReasonedError(
      'RestoreFailed',
      complaints || `runc restore ended with ${code}; the log of containerd or dockerd has its words`,
    );
  }
};
