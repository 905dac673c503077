import { once } from 'node:events';
import type { Timings } from '../../api/migration.ts';
import { ReasonedError } from '../../api/reasons.ts';
import type { ImageDirectory } from '../checkpoint/image-directory.ts';
import type { FileSync } from '../files/send.ts';
import type { Freezer } from '../checkpoint/freezer.ts';
import type { Primed } from '../host/primed.ts';
import type { Route } from '../network/routes.ts';
import type { RouteKeeper } from '../network/route-keeper.ts';
import type { Channel } from '../transfer/channel.ts';
import { sendImage } from '../transfer/send-image.ts';
import { watchSilence } from '../transfer/silence.ts';
import type { Undo } from '../undo.ts';
import { unlockNetwork } from './network-lock.ts';

/** All that the freeze needs, made ready before it. */
export interface ReadySource {
  readonly pid: number;
  /** The node of the target. */
  readonly peer: string;
  /** Where packets go once the source is frozen. */
  readonly away: Route;
  readonly freezer: Freezer;
  readonly dump: Primed;
  readonly image: ImageDirectory;
  readonly channel: Channel;
  readonly files: FileSync;
  readonly routes: RouteKeeper;
}

export interface Held {
  readonly timings: Timings;
  readonly imageBytes: number;
  readonly frozenAt: number;
}

const freezeLimitMs = 1_000;
const dumpEndLimitMs = 5_000;
/** Five times what the target lets pass between two words of its (alive.ts). */
const silenceLimitMs = 500;

/** Resolves when the dump has ended, however it did, or is not to be waited for any longer. */
const ended = async (dumping: Promise<unknown>): Promise<void> => {
  const limit = AbortSignal.timeout(dumpEndLimitMs);
  await Promise.race([dumping.catch(() => undefined), once(limit, 'abort')]);
};

const lap = () => {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const ms = Math.round(now - last);
    last = now;
    return ms;
  };
};

/**
 * From the freeze of the source until the target is held. Nothing here waits for
 * anything but CRIU, the kernel and the other agent.
 *
 * Packets: the target begins to queue them (`routed`) before the source sends
 * them on, so that they never go in a circle.
 */
export const freezeAndSend = async (source: ReadySource, undo: Undo, signal: AbortSignal): Promise<Held> => {
  const { freezer, channel, routes, image } = source;
  const frozenAt = performance.now();
  undo.add('Thawed the source', () => {
    freezer.thaw();
  });
  await freezer.freeze(freezeLimitMs);
  undo.add('Took the lock of CRIU off the network of the source', () => unlockNetwork(source.pid));
  const took = lap();
  const dumping = source.dump.go().then(took);
  dumping.catch(() => undefined); // awaited below
  const silence = watchSilence(channel, { peer: source.peer, limitMs: silenceLimitMs });
  const window = AbortSignal.any([signal, silence.signal]);
  try {
    await channel.say({ say: 'frozen' }, window);
    await channel.expect('routed', window);
    undo.add('Led packets to the source again', () => routes.release(source.away.ip));
    await routes.override(source.away);
    await source.files.pass(window); // nothing writes any more, so CRIU need not have ended
    const imageBytes = await sendImage(channel, image.path, dumping, window);
    window.throwIfAborted();
    const dumpMs = await dumping;
    const transferMs = took();
    await channel.expect('held', window);
    return { frozenAt, imageBytes, timings: { dumpMs, transferMs, restoreMs: took() } };
  } catch (error) {
    // A CRIU at work is neither to be killed, which leaves its code in the processes, nor to have them thawed under it.
    // One that hangs has met a tree that it cannot stop; its own timeout does not fire then.
    await ended(dumping);
    source.dump.close();
    throw error;
  } finally {
    silence.close();
  }
};

export const freezeTooLong = (podName: string, seconds: number): ReasonedError =>
  new ReasonedError('FreezeTooLong', `Pod ${podName} was frozen for ${seconds} s without the move having committed`);
