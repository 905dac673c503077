import type { Directive } from './points.ts';

/** What interference needs of a channel of the agents. */
interface Frames {
  sendFrame(frame: Buffer, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** The first frame of bytes goes out with its last byte changed; what it was made from stays. */
const corrupting = <C extends Frames>(channel: C): C => {
  let isDone = false;
  return {
    ...channel,
    sendFrame(frame: Buffer, signal: AbortSignal) {
      if (isDone) return channel.sendFrame(frame, signal);
      isDone = true;
      const changed = Buffer.from(frame);
      changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
      return channel.sendFrame(changed, signal);
    },
  };
};

/** The connection ends in the middle of the first frame of bytes. */
const truncating = <C extends Frames>(channel: C): C => ({
  ...channel,
  async sendFrame(frame: Buffer, signal: AbortSignal) {
    await channel.sendFrame(frame.subarray(0, frame.length / 2), signal);
    channel.close();
  },
});

/** The same channel, or one that does to bytes what the directive says. */
export const interfering = <C extends Frames>(channel: C, directive: Directive): C => {
  if (directive === 'corrupt') return corrupting(channel);
  return directive === 'truncate' ? truncating(channel) : channel;
};
