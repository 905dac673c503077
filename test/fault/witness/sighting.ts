/** One thing that the witness saw, read from its output; witness.c has the form of its records. */
export const sightingBytes = 48;

interface Seen {
  /** Milliseconds since 1970, by the kernel, to the microsecond. */
  readonly at: number;
  /** Hardware address of the node that sent it. */
  readonly hardware: string;
}

export interface SeenDatagram extends Seen {
  readonly kind: 'datagram';
  readonly lane: number;
  readonly secret: string;
  readonly tick: number;
}

export interface SeenSegment extends Seen {
  readonly kind: 'segment';
  /** Source address and port. */
  readonly from: string;
  readonly sequence: number;
  readonly length: number;
  readonly fin: boolean;
  readonly syn: boolean;
  readonly rst: boolean;
}

export interface Missed {
  readonly kind: 'missed';
  readonly at: number;
  /** Frames that the witness was too slow for, since it began. */
  readonly frames: number;
}

export type Sighting = SeenDatagram | SeenSegment | Missed;

const flag = (flags: number, bit: number): boolean => (flags & (1 << bit)) !== 0;

export const readSighting = (bytes: Buffer): Sighting => {
  const at = Number(bytes.readBigUInt64LE(0) / 1000n) / 1000;
  const kind = bytes[14];
  if (kind === 3) return { kind: 'missed', at, frames: Number(bytes.readBigUInt64LE(40)) };
  const hardware = bytes.toString('hex', 16, 22);
  if (kind === 1)
    return {
      kind: 'datagram',
      at,
      hardware,
      lane: bytes.readUInt32LE(28),
      secret: bytes.toString('hex', 32, 40),
      tick: Number(bytes.readBigUInt64LE(40)),
    };
  const flags = bytes[15] ?? 0;
  const address = [8, 9, 10, 11].map((offset) => String(bytes[offset])).join('.');
  return {
    kind: 'segment',
    at,
    hardware,
    from: `${address}:${String(bytes.readUInt16LE(12))}`,
    length: bytes.readUInt16LE(22),
    sequence: bytes.readUInt32LE(24),
    fin: flag(flags, 0),
    syn: flag(flags, 1),
    rst: flag(flags, 2),
  };
};
