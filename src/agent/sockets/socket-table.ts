/** A unix socket as `ss` knows it. */
export interface ListedSocket {
  readonly type: 'stream' | 'seqpacket' | 'datagram';
  readonly isListening: boolean;
  /** Of one that listens: connections that nobody has accepted yet. */
  readonly queue: number;
  readonly ino: number;
  /** 0 where there is none: not connected, not accepted yet, or closed at the other end. */
  readonly peer: number;
}

/** Of every unix socket in a network namespace. */
export const listing = ['ss', '-xanH'] as const;

const types = { str: 'stream', seq: 'seqpacket', dgr: 'datagram' } as const;

/** A name may have spaces in it. */
const line = /^u_(str|seq|dgr)\s+(\S+)\s+(\d+)\s.*\s(\d+)\s+\S+\s+(\d+)\s*$/;

export const socketsIn = (said: string): readonly ListedSocket[] =>
  said.split('\n').flatMap((text) => {
    const [, type, state, queue, ino, peer] = line.exec(text) ?? [];
    if (type === undefined) return [];
    return {
      type: types[type as keyof typeof types],
      isListening: state === 'LISTEN',
      queue: Number(queue),
      ino: Number(ino),
      peer: Number(peer),
    };
  });
