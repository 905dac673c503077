import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openChannel } from './channel.ts';
import { type SilenceWatch, watchSilence } from './silence.ts';

const limitMs = 500;
let watch: SilenceWatch | undefined;
afterEach(() => watch?.close());

describe('an agent from which something was last heard', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'] });
    vi.advanceTimersByTime(60_000); // that clock begins at 0, and nobody watches from the start of an agent
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Whether the watch has aborted after so long, when something came in at these moments of it. */
  const silentAfter = async (ms: number, heardAfter: readonly number[]): Promise<boolean> => {
    const begun = performance.now();
    const heardAt = (): number =>
      Math.max(0, ...heardAfter.map((after) => begun + after).filter((at) => at <= performance.now()));
    watch = watchSilence({ heardAt }, { peer: 'n3', limitMs });
    await vi.advanceTimersByTimeAsync(ms);
    return watch.signal.aborted;
  };

  it.each([
    ['never', 499, [], false],
    ['never', 501, [], true],
    ['long before the watch', 499, [-10_000], false],
    ['long before the watch', 501, [-10_000], true],
    ['in time', 600, [400], false],
    ['in time, and then no more', 902, [400], true],
    ['all the time', 2_400, [400, 800, 1_200, 1_600, 2_000], false],
    ['all the time, and then no more', 2_502, [400, 800, 1_200, 1_600, 2_000], true],
  ])('%s: after %i ms of %j silent is %s', async (_when, ms, heardAfter, silent) => {
    expect(await silentAfter(ms, heardAfter)).toBe(silent);
  });

  it('is named by its node', async () => {
    await silentAfter(600, []);
    expect(watch?.signal.reason).toMatchObject({
      reason: 'PeerSilent',
      message: 'The agent of node n3 said nothing for 500 ms during the freeze',
    });
  });

  it('is not watched any more once the watch is closed', async () => {
    watch = watchSilence({ heardAt: () => 0 }, { peer: 'n3', limitMs });
    watch.close();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(watch.signal.aborted).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('an agent that is busy itself', () => {
  const open: { destroy(): void }[] = [];
  afterEach(() => {
    for (const socket of open.splice(0)) socket.destroy();
  });

  const connected = async (): Promise<readonly [Socket, Socket]> => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const dialled = connect({ host: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 });
    const [[there]] = await Promise.all([accepted, once(dialled, 'connect')]);
    server.close();
    open.push(there, dialled);
    return [there, dialled];
  };

  /** Holds up the event loop, as a long garbage collection or a starved node does. */
  const holdUp = (ms: number): void => {
    const begun = performance.now();
    while (performance.now() - begun < ms);
  };
  const turns = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
  };

  it.each([
    ['in a timer', (then: () => void) => setTimeout(then, 1)],
    ['in an immediate', (then: () => void) => setImmediate(then)],
  ])('takes nobody for silent whose words wait in its socket, when held up %s', async (_where, later) => {
    const [near, far] = await connected();
    const target = openChannel(far);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    later(() => {
      watch = watchSilence(openChannel(near), { peer: 'n3', limitMs: 200 });
      void target.say({ say: 'alive' });
      holdUp(220);
      resolve(undefined);
    });
    await promise;
    await turns(3); // the late timer, the reading, the judgement
    expect(watch?.signal.aborted).toBe(false);
  });

  it('takes one for silent who is', async () => {
    const [near] = await connected();
    watch = watchSilence(openChannel(near), { peer: 'n3', limitMs: 200 });
    holdUp(220);
    await once(watch.signal, 'abort');
    expect(watch.signal.reason).toMatchObject({ reason: 'PeerSilent' });
  });
});
