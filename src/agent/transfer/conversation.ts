import type { Details } from '../../trace/event.ts';
import type { Tracer } from '../../trace/tracer.ts';
import { noClock, type VectorClock } from '../../trace/vector-clock.ts';
import type { Heard, Message } from './frame.ts';

/** Notes what is said and heard on one channel. Both take no longer than a few additions. */
export interface Conversation {
  /** The clock that goes along with a message; empty with one that is not worth an event. */
  said(message: Message): VectorClock;
  heard(message: Heard, clock: VectorClock): void;
}

/** What is said for every file, and every tenth of a second, would be most of a trace and tell nothing. */
const unnoted: ReadonlySet<Heard['say']> = new Set(['tree', 'file', 'connections', 'alive', 'foreignHello']);

const detailsOf = (message: Heard): Details | undefined => {
  if (message.say === 'hello') return { attempt: message.attempt };
  if (message.say === 'restore') return { container: message.container, files: message.files, bytes: message.bytes };
  return message.say === 'failed' ? { reason: message.reason } : undefined;
};

/** One channel carries one move, which its first message names. */
export const converse = (tracer: Tracer): Conversation => {
  let move = '';
  const note = (does: string, message: Heard, clock: VectorClock): VectorClock => {
    if (message.say === 'hello') move = message.migrationUID;
    if (move === '' || unnoted.has(message.say)) return noClock;
    if (message.say === 'frozen') tracer.hold(move);
    const known = tracer.note({ uid: move, clock }, `${does} "${message.say}"`, detailsOf(message));
    if (message.say === 'released' || message.say === 'failed') tracer.release(move);
    return known;
  };
  return {
    said: (message) => note('says', message, noClock),
    heard: (message, clock) => void note('hears', message, clock),
  };
};

/** For tests, and where nothing is traced. */
export const unnotedConversation: Conversation = { said: () => noClock, heard: () => undefined };
