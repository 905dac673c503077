import { once } from 'node:events';
import type { Timings } from '../../api/migration.ts';
import { ReasonedError } from '../../api/reasons.ts';
import { haveSegments, keepObjectsOnce } from '../checkpoint/sysv.ts';
import { interfering } from '../../failpoint/interference.ts';
import type { Directive } from '../../failpoint/points.ts';
import { unlessAborted } from '../transfer/channel.ts';
import { sendImage } from '../transfer/send-image.ts';
import { type SilenceWatch, watchSilence } from '../transfer/silence.ts';
import type { SourceKit } from './kit.ts';
import { standStill } from './standstill.ts';

const dumpEndLimitMs = 5_000;
const letAloneLimitMs = 2_000;
/** Five times what the target lets pass between two words of its (alive.ts). */
const silenceLimitMs = 500;

const freezeTooLong = (seconds: number): ReasonedError =>
  new ReasonedError('FreezeTooLong', `the pod was frozen for ${seconds} s without the move having committed`);

/** Milliseconds since the last lap. */
const laps = () => {
  let last = performance.now();
  return (): number => {
    const now = performance.now();
    const ms = Math.round(now - last);
    last = now;
    return ms;
  };
};

/**
 * The time in which the source stands still. Nothing in it waits for anything
 * but CRIU, the kernel and the other agent; its signal aborts when the policy's
 * limit has passed or the other agent has fallen silent.
 */
export class Freeze {
  readonly #kit: SourceKit;
  readonly #limit = new AbortController();
  readonly #lap = laps();
  readonly begunAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #silence: SilenceWatch | undefined;
  /** By container, in the order of the kit, as what follows. */
  #processes: readonly (readonly number[])[] = [];
  #dumping: readonly Promise<number>[] = [];
  #lettingAlone: Promise<void> = Promise.resolve();
  #directive: Directive = 'go';
  timings: Timings = {};
  imageBytes = 0;

  constructor(kit: SourceKit) {
    this.#kit = kit;
  }

  #window(signal: AbortSignal): AbortSignal {
    const signals = [signal, this.#limit.signal];
    return AbortSignal.any(this.#silence ? [...signals, this.#silence.signal] : signals);
  }

  async begin(): Promise<void> {
    const { containers, crossing, maxFreezeSeconds } = this.#kit;
    this.#timer = setTimeout(() => this.#limit.abort(freezeTooLong(maxFreezeSeconds)), maxFreezeSeconds * 1000);
    this.#processes = await standStill(
      containers.map(({ freezer }) => freezer),
      crossing,
    );
    this.#kit.departure.lookLast();
    this.#lap();
  }

  /** Starts one CRIU for each container; `send` waits for them. */
  dump(): void {
    const begun = performance.now();
    const { pod, containers } = this.#kit;
    const objects = keepObjectsOnce(
      pod,
      containers.map(({ name }, i) => ({ name, hasSegments: () => haveSegments(this.#processes[i] ?? []) })),
    );
    this.#dumping = containers.map(async ({ name, guard, image }) => {
      await guard.go();
      objects.keep(name, image.path);
      return Math.round(performance.now() - begun);
    });
    for (const dumping of this.#dumping) dumping.catch(() => undefined); // awaited by send and by endDump
  }

  /**
   * A CRIU at work is neither to be killed, which leaves its code in the processes, nor to have them thawed under it. One
   * that hangs has met a tree that it cannot stop; its own timeout does not fire then.
   * @returns whether each CRIU has ended well, and so has left everything as it was
   */
  async endDump(): Promise<boolean> {
    const limit = AbortSignal.timeout(dumpEndLimitMs);
    const ended = await Promise.race([Promise.allSettled(this.#dumping), once(limit, 'abort')]);
    for (const { guard } of this.#kit.containers) guard.kill();
    return !limit.aborted && ended.every((one) => (one as PromiseSettledResult<number>).status === 'fulfilled');
  }

  /** The target begins to queue packets (`routed`) before the source sends them on, so that they never go in a circle. */
  async divert(signal: AbortSignal): Promise<void> {
    const { channel, peer, departure } = this.#kit;
    this.#silence = watchSilence(channel, { peer, limitMs: silenceLimitMs });
    const window = this.#window(signal);
    await departure.tellLast(channel, window);
    await channel.say({ say: 'frozen' }, window);
    await channel.expect('routed', window);
  }

  /** After that, while CRIU is at work: before the target says anything, of which this node must not make a new connection. */
  letAlone(): void {
    this.#lettingAlone = this.#kit.departure.letAlone();
    this.#lettingAlone.catch(() => undefined); // awaited by send
  }

  /** Resolves when nothing is being changed any more. */
  async endLetAlone(): Promise<void> {
    const limit = AbortSignal.timeout(letAloneLimitMs);
    await unlessAborted(this.#lettingAlone, limit).catch(() => undefined); // send has told
  }

  /** Lets the image be sent with a fault, where one is to be injected. */
  interfere(directive: Directive): void {
    this.#directive = directive;
  }

  async send(signal: AbortSignal): Promise<void> {
    const { files, logs, volumes, containers } = this.#kit;
    const channel = interfering(this.#kit.channel, this.#directive);
    const window = this.#window(signal);
    const settled = volumes.settle(window);
    settled.catch(() => undefined); // awaited below
    await files.pass('frozen', window); // nothing writes any more, so CRIU need not have ended
    await logs.pass(window);
    await settled; // with the end of the image the target is restored, which looks at its files there
    for (const [i, { name, image }] of containers.entries()) {
      const dumping = this.#dumping[i] ?? Promise.reject(new Error('nothing was dumped'));
      this.imageBytes += await sendImage(channel, { container: name, directory: image.path }, dumping, window);
    }
    await unlessAborted(this.#lettingAlone, window);
    window.throwIfAborted();
    const dumpMs = Math.max(...(await Promise.all(this.#dumping)));
    this.timings = { dumpMs, transferMs: Math.max(0, this.#lap() - dumpMs) };
  }

  async awaitHeld(signal: AbortSignal): Promise<void> {
    const window = this.#window(signal);
    await this.#kit.channel.expect('held', window);
    window.throwIfAborted();
    this.timings = { ...this.timings, restoreMs: this.#lap() };
    this.end();
  }

  /** The limits hold no more: the freeze is over, or only the record may end it. */
  end(): void {
    clearTimeout(this.#timer);
    this.#silence?.close();
  }
}
