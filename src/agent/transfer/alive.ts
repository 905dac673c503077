import type { Clock } from '../../clock/clock.ts';
import type { Channel } from './channel.ts';

export const aliveEveryMs = 100;

/** Says `alive` until it is closed: the source is frozen meanwhile and must not wait for one that has died. */
export interface Pulse {
  close(): void;
}

export const openPulse = (channel: Channel, clock: Clock): Pulse => {
  const closed = new AbortController();
  const beat = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(aliveEveryMs, closed.signal);
      await channel.say({ say: 'alive' }, closed.signal);
    }
  };
  beat().catch(() => undefined); // closed; or the connection broke, which whoever reads from it is told
  return {
    close() {
      closed.abort();
    },
  };
};
