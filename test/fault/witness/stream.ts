/** One TCP connection of the workload, record by record; ticker.c has the form of its records. */
export const recordBytes = 32;
const mark = 0x4b434954;
const markOfSilent = 0x54454951;

export interface StreamRecord {
  readonly lane: number;
  readonly secret: string;
  readonly tick: number;
  readonly sequence: number;
}

const readRecord = (bytes: Buffer, wanted: number): StreamRecord | undefined =>
  bytes.readUInt32LE(0) === wanted
    ? {
        lane: bytes.readUInt32LE(4),
        secret: bytes.toString('hex', 8, 16),
        tick: Number(bytes.readBigUInt64LE(16)),
        sequence: Number(bytes.readBigUInt64LE(24)),
      }
    : undefined;

/** What the bytes of one connection of a program are to be. */
export interface Told {
  readonly first: Pick<StreamRecord, 'lane' | 'secret'> | undefined;
  /** What was wrong first; undefined as long as nothing is. */
  readonly flaw: string | undefined;
  take(chunk: Buffer): void;
}

/**
 * Checks that the bytes of a connection are one unbroken story of one instance:
 * every record follows the one before, none is missing, repeated or mixed up.
 */
export class Story implements Told {
  #rest: Buffer = Buffer.alloc(0);
  #last: StreamRecord | undefined;
  #flaw: string | undefined;

  get first(): Pick<StreamRecord, 'lane' | 'secret'> | undefined {
    return this.#last;
  }

  get lastTick(): number {
    return this.#last?.tick ?? 0;
  }

  get flaw(): string | undefined {
    return this.#flaw;
  }

  take(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= recordBytes && this.#flaw === undefined) {
      this.#follow(readRecord(bytes.subarray(0, recordBytes), mark));
      bytes = bytes.subarray(recordBytes);
    }
    this.#rest = bytes;
  }

  #follow(record: StreamRecord | undefined): void {
    this.#flaw = flawOf(this.#last, record);
    if (record && this.#flaw === undefined) this.#last = record;
  }
}

const flawOf = (last: StreamRecord | undefined, record: StreamRecord | undefined): string | undefined => {
  if (!record) return `bytes that are no record follow tick ${String(last?.tick ?? 0)}`;
  const sequence = last ? last.sequence + 1 : 0;
  if (record.sequence !== sequence)
    return `record ${String(record.sequence)} stands where ${String(sequence)} should be`;
  if (last && record.secret !== last.secret)
    return `instance ${record.secret} speaks on the connection of ${last.secret}`;
  if (last && record.tick <= last.tick) return `tick ${String(record.tick)} follows tick ${String(last.tick)}`;
  return undefined;
};

/** A connection on which one record is said, and nothing more. */
export class Silence implements Told {
  #bytes: Buffer = Buffer.alloc(0);

  get first(): StreamRecord | undefined {
    return this.#bytes.length < recordBytes ? undefined : readRecord(this.#bytes, markOfSilent);
  }

  get flaw(): string | undefined {
    return this.#bytes.length > recordBytes ? 'the connection that was to be silent said something' : undefined;
  }

  take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
  }
}

/** Is this the beginning of a connection that will be silent? */
export const isSilent = (beginning: Buffer): boolean => beginning.readUInt32LE(0) === markOfSilent;
