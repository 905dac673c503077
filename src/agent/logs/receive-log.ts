import { appendFile, truncate } from 'node:fs/promises';
import type { Log } from '../../log/log.ts';
import { asExpected, type Channel } from '../transfer/channel.ts';
import type { Message } from '../transfer/frame.ts';
import type { LogFile } from './log-file.ts';
import { translateLog } from './log-line.ts';

/** More than a source sends in one pass. */
const mostBytes = 16 * 1024 * 1024;

const readToEnd = async (channel: Channel, signal: AbortSignal): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const frame = await channel.next(signal);
    if (frame.kind !== 'bytes') asExpected(frame, 'log');
    if (frame.kind !== 'bytes' || frame.bytes.length === 0) return Buffer.concat(pieces);
    bytes += frame.bytes.length;
    if (bytes <= mostBytes) pieces.push(frame.bytes);
  }
};

/**
 * Puts what a source has logged before what its container will log here: the
 * runtime has opened the file to append to it, and nothing of the container has
 * run. A first pass begins anew what an attempt before has left. A log that
 * cannot be written keeps no pod from moving.
 */
export const receiveLog = async (
  channel: Channel,
  file: LogFile | undefined,
  { isFirst, container }: Extract<Message, { say: 'log' }>,
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
): Promise<void> => {
  const text = (await readToEnd(channel, signal)).toString();
  if (!file) return;
  try {
    if (isFirst) await truncate(file.path, 0);
    await appendFile(file.path, translateLog(text.split('\n'), file.format), { flag: 'a' });
  } catch (error) {
    log.warn({ error, container }, 'Could not write what a container has logged before its move');
  }
};
