import { ReasonedError } from '../../api/reasons.ts';
import type { DumpedSocket } from './image-sockets.ts';

/** The sockets in the image of a container. */
export interface ContainerSockets {
  readonly container: string;
  readonly sockets: readonly DumpedSocket[];
}

/** What takes the place of one end of a connection. */
export interface End {
  readonly container: string;
  readonly socket: DumpedSocket;
}

export type Pair = readonly [End, End];

const asynchronous = 0o20_000; // O_ASYNC

const refuseSpecial = ({ container, socket }: End): void => {
  const { flags, owner, options, queue } = socket;
  const what =
    ((flags & asynchronous) !== 0 || owner !== 0 ? 'is to be told by a signal (O_ASYNC, F_SETOWN)' : undefined) ??
    (options.hasFilter ? 'has a filter (SO_ATTACH_FILTER)' : undefined);
  if (what !== undefined)
    throw new ReasonedError('SocketShared', `a unix socket of container ${container} to another one ${what}`);
  // In the next try they have been received, as a rule.
  if (queue.some(({ hasDescriptors }) => hasDescriptors))
    throw new ReasonedError(
      'RestoreFailed',
      `container ${container} has been sent descriptors (SCM_RIGHTS) by another one, and has not received them yet`,
    );
};

/**
 * The connections of unix sockets between the containers of a pod, each once, from their images.
 *
 * Throws SocketShared for one that cannot be made anew, RestoreFailed when one has an end only, or cannot in this moment.
 */
export const pairsOf = (images: readonly ContainerSockets[]): readonly Pair[] => {
  const ends = images.flatMap(({ container, sockets }) => {
    const external = new Set(sockets.filter(({ isExternal }) => isExternal).map(({ ino }) => ino));
    return sockets
      .filter(({ isExternal, peer }) => !isExternal && external.has(peer))
      .map((socket): End => ({ container, socket }));
  });
  const byIno = new Map(ends.map((end) => [end.socket.ino, end]));
  return ends.flatMap((end): readonly Pair[] => {
    refuseSpecial(end);
    const other = byIno.get(end.socket.peer);
    if (other?.socket.peer !== end.socket.ino)
      throw new ReasonedError(
        'RestoreFailed',
        `a unix socket of container ${end.container} is connected with one that is in no image of the pod`,
      );
    return end.socket.ino < other.socket.ino ? [[end, other]] : [];
  });
};
