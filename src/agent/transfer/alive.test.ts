import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../clock/fake-clock.ts';
import { aliveEveryMs, openPulse } from './alive.ts';
import type { Channel } from './channel.ts';
import type { Message } from './frame.ts';
import { openPair } from './pair-fixture.ts';

const never = new AbortController().signal;

describe('an agent that is alive', () => {
  /** An end of a channel that keeps what is said. */
  const listening = (say: Channel['say'] = () => Promise.resolve()) => {
    const said: Message['say'][] = [];
    const { source } = openPair();
    const channel: Channel = {
      ...source,
      say: (message, signal) => {
        said.push(message.say);
        return say(message, signal);
      },
    };
    return { channel, said };
  };

  it.each([
    [0, 0],
    [aliveEveryMs - 1, 0],
    [aliveEveryMs, 1],
    [5 * aliveEveryMs, 5],
  ])('has said so after %i ms, %i times', async (ms, times) => {
    const clock = new FakeClock();
    const { channel, said } = listening();
    const pulse = openPulse(channel, clock);
    await clock.advance(ms);
    expect(said).toEqual(Array<string>(times).fill('alive'));
    pulse.close();
  });

  it('says nothing more once it is closed, and sleeps no more', async () => {
    const clock = new FakeClock();
    const { channel, said } = listening();
    const pulse = openPulse(channel, clock);
    await clock.advance(aliveEveryMs);
    pulse.close();
    expect(clock.sleeping).toBe(0);
    await clock.advance(10 * aliveEveryMs);
    expect(said).toHaveLength(1);
  });

  it('ends with the connection', async () => {
    const clock = new FakeClock();
    const { channel, said } = listening(() => Promise.reject(new Error('closed')));
    openPulse(channel, clock);
    await clock.advance(10 * aliveEveryMs);
    expect(said).toHaveLength(1);
    expect(clock.sleeping).toBe(0);
  });
});

describe('the other end', () => {
  it('never sees it among what is said', async () => {
    const { source, target } = openPair();
    for (const say of ['alive', 'routed', 'alive', 'alive', 'held'] as const) await target.say({ say });
    await source.expect('routed', never);
    await source.expect('held', never);
  });

  it('never sees it among what it has diverted, nor ends that for it', async () => {
    const { source, target } = openPair();
    const seen: string[] = [];
    source.divert((frame) => {
      seen.push(frame.kind === 'message' ? frame.message.say : 'bytes');
      return frame.kind === 'bytes';
    });
    await target.send(Buffer.from('1'), never);
    await target.say({ say: 'alive' });
    await target.send(Buffer.from('2'), never);
    await target.say({ say: 'held' });
    await source.expect('held', never);
    expect(seen).toEqual(['bytes', 'bytes', 'held']);
  });

  it('knows when it came', async () => {
    const { source, target } = openPair();
    expect(source.heardAt()).toBe(0);
    const before = performance.now();
    await target.say({ say: 'alive' });
    await settle();
    expect(source.heardAt()).toBeGreaterThanOrEqual(before);
  });
});
