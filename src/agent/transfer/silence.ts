import { ReasonedError } from '../../api/reasons.ts';
import type { Channel } from './channel.ts';

/** Watches for an agent that says nothing any more, however whole the connection looks. */
export interface SilenceWatch {
  /** Aborts with PeerSilent. */
  readonly signal: AbortSignal;
  close(): void;
}

/**
 * @param peer the node of the other agent
 * @param limitMs how long nothing may come in, from now on
 */
export const watchSilence = (
  channel: Pick<Channel, 'heardAt'>,
  { peer, limitMs }: { readonly peer: string; readonly limitMs: number },
): SilenceWatch => {
  const abort = new AbortController();
  const begun = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let look: NodeJS.Immediate | undefined;
  const leftMs = (): number => Math.max(begun, channel.heardAt()) + limitMs - performance.now();
  const wait = (): void => {
    // Where this process itself was held up, the timer is late, and fires before the bytes that have come meanwhile are
    // read: Node.js polls its sockets after its timers and before its immediates.
    timer = setTimeout(() => {
      look = setImmediate(judge);
    }, leftMs());
  };
  const judge = (): void => {
    if (leftMs() > 0) wait();
    else
      abort.abort(
        new ReasonedError('PeerSilent', `The agent of node ${peer} said nothing for ${limitMs} ms during the freeze`),
      );
  };
  wait();
  return {
    signal: abort.signal,
    close() {
      clearTimeout(timer);
      clearImmediate(look);
    },
  };
};
