import { z } from 'zod';
import { allReasons, type Reason, ReasonedError } from '../../api/reasons.ts';
import { mostConnections, serviceConnection } from '../connections/service-connection.ts';
import { clockFrom, noClock, type VectorClock } from '../../trace/vector-clock.ts';

/**
 * What two agents say to each other, in the order of a move:
 *
 *   source                         target
 *   hello ───────────────────────▶         which move, which try, which files it will map
 *         ◀─────────────────────── ready   stands at the rendezvous
 *   connections* ────────────────▶         to Services, all that are known by then
 *   (tree, data*)* ──────────────▶         files, while the source runs
 *   (log, data*)* ───────────────▶         what was logged, by container
 *   connections? ────────────────▶         when there are others by now
 *   frozen ──────────────────────▶         the source stands still
 *         ◀────────────────────── routed   packets now wait at the target
 *         ◀─────────────────────── alive   every 100 ms from "frozen" to "held"
 *   (tree, data*)* ──────────────▶         files that have changed since
 *   (log, data*)* ───────────────▶         what was logged since
 *   ((file, data*)*, restore)* ──▶         the image of each container, complete
 *         ◀──────────────────────── held   restored, nothing has run
 *   committed ───────────────────▶         the record says so
 *         ◀──────────────────── released   the target runs
 *
 * Either side may say `failed` before `committed`. A frame is a length (4 bytes,
 * big endian), a kind (1 byte: 0 = JSON message, 1 = bytes of the open file) and
 * that many bytes. A message may carry a vector clock, `clock`, beside what it
 * says; who does not know of it does not miss it.
 *
 * The version rises with what an image may ask of the target, too: 4 has ends of
 * unix sockets in it that the target connects (src/agent/sockets), 5 tells of connections to Services.
 */
export const protocolVersion = 5;

/** Larger frames are refused before they are read into memory. */
export const maxFrameBytes = 4 * 1024 * 1024;

/** CRIU's and runc's image files have flat names; a name with a slash would leave the directory. */
const imageFileName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$/);

const containerName = z.string().max(63);

/** The file of a unix socket, which tar leaves out. */
const socketFile = z.object({
  path: z.string(),
  mode: z.number().int().min(0).max(0o7777),
  uid: z.number().int().min(0),
  gid: z.number().int().min(0),
});
export type SocketFile = z.infer<typeof socketFile>;

export const message = z.discriminatedUnion('say', [
  z.object({
    say: z.literal('hello'),
    protocol: z.number().int(),
    migrationUID: z.string(),
    /** Counts the tries of one move, from 1. */
    attempt: z.number().int(),
    mapped: z.array(z.object({ container: z.string(), paths: z.array(z.string()) })),
  }),
  z.object({ say: z.literal('ready') }),
  z.object({
    say: z.literal('tree'),
    root: z.string(),
    removed: z.array(z.string()),
    sockets: z.array(socketFile).optional(),
  }),
  z.object({ say: z.literal('log'), container: containerName, isFirst: z.boolean() }),
  z.object({ say: z.literal('connections'), connections: z.array(serviceConnection).max(mostConnections) }),
  z.object({ say: z.literal('frozen') }),
  z.object({ say: z.literal('routed') }),
  z.object({ say: z.literal('alive') }),
  z.object({ say: z.literal('file'), container: containerName, name: imageFileName }),
  z.object({
    say: z.literal('restore'),
    container: containerName,
    files: z.number().int(),
    bytes: z.number().int(),
    /** CRC-32 of all bytes of the image in the order in which they were sent. */
    checksum: z.string().regex(/^[0-9a-f]{8}$/),
  }),
  z.object({ say: z.literal('held') }),
  z.object({ say: z.literal('committed') }),
  z.object({ say: z.literal('released') }),
  z.object({ say: z.literal('failed'), reason: z.enum(allReasons as [Reason, ...Reason[]]), message: z.string() }),
]);
export type Message = z.infer<typeof message>;

/** The hello of an agent of another version. Nothing but its version can be relied upon. */
const foreignHello = z
  .object({ say: z.literal('hello'), protocol: z.number().int() })
  .refine(({ protocol }) => protocol !== protocolVersion)
  .transform(({ protocol }) => ({ say: 'foreignHello' as const, protocol }));

/** What can be heard: what is said, and the hello of another version, which is never said. */
export type Heard = Message | z.infer<typeof foreignHello>;

export type Frame =
  | { readonly kind: 'message'; readonly message: Heard; readonly clock?: VectorClock }
  | { readonly kind: 'bytes'; readonly bytes: Buffer };

const header = (length: number, kind: 0 | 1): Buffer => {
  const head = Buffer.allocUnsafe(5);
  head.writeUInt32BE(length, 0);
  head.writeUInt8(kind, 4);
  return head;
};

export const encodeMessage = (m: Message, clock: VectorClock = noClock): Buffer => {
  const body = Buffer.from(JSON.stringify(clock === noClock ? m : { ...m, clock }));
  return Buffer.concat([header(body.length, 0), body]);
};

export const headBytes = 5;

/** Writes the head of a frame of so many bytes into the beginning of a buffer that has room for it there. */
export const writeBytesHead = (frame: Buffer, length: number): void => {
  frame.writeUInt32BE(length, 0);
  frame.writeUInt8(1, 4);
};

/** The head of a frame of bytes; the bytes themselves follow uncopied. */
export const encodeBytesHead = (length: number): Buffer => header(length, 1);

const parseJson = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new ReasonedError('StreamMalformed', 'A message of the other agent is not JSON', { cause: error });
  }
};

const parseMessage = (value: unknown): Heard => {
  const foreign = foreignHello.safeParse(value);
  if (foreign.success) return foreign.data;
  const parsed = message.safeParse(value);
  if (!parsed.success)
    throw new ReasonedError(
      'StreamMalformed',
      `A message of the other agent is none that this version knows: ${z.prettifyError(parsed.error)}`,
    );
  return parsed.data;
};

const readMessage = (body: Buffer): Frame => {
  const value = parseJson(body);
  const message = parseMessage(value);
  const { clock } = value as { readonly clock?: unknown };
  return { kind: 'message', message, ...(clock !== undefined && { clock: clockFrom(clock) }) };
};

const readHead = (head: Buffer): { readonly kind: number; readonly length: number } => {
  const kind = head.readUInt8(4);
  const length = head.readUInt32BE(0);
  if (kind > 1 || length > maxFrameBytes) {
    throw new ReasonedError('StreamMalformed', `A frame of kind ${kind} with ${length} bytes is not allowed`);
  }
  return { kind, length };
};

type Head = ReturnType<typeof readHead>;

/** Chunks as they come in, and exactly as many bytes as are asked for out. */
class Intake {
  #chunks: Buffer[] = [];
  size = 0;

  add(chunk: Buffer): void {
    if (chunk.length > 0) this.#chunks.push(chunk);
    this.size += chunk.length;
  }

  /** Exactly `length` bytes, copied together where they came in pieces. */
  take(length: number): Buffer {
    const whole = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
    const all = whole ?? Buffer.concat(this.#chunks, this.size);
    // An empty chunk would be taken for an empty frame, which ends a file.
    this.#chunks = all.length === length ? [] : [all.subarray(length)];
    this.size -= length;
    return all.subarray(0, length);
  }

  /** At most `length` bytes, as they came in and without a copy. */
  some(length: number): Buffer {
    const [first = Buffer.alloc(0), ...rest] = this.#chunks;
    const piece = first.subarray(0, length);
    this.#chunks = piece.length === first.length ? rest : [first.subarray(length), ...rest];
    this.size -= piece.length;
    return piece;
  }
}

/** What can be read of a frame whose head is known: a message whole, bytes in pieces. Undefined: more has to come in. */
const readBody = (
  intake: Intake,
  { kind, length }: Head,
): { readonly frame: Frame; readonly left: number } | undefined => {
  if (kind === 0) {
    return intake.size < length ? undefined : { frame: readMessage(intake.take(length)), left: 0 };
  }
  if (length > 0 && intake.size === 0) return undefined;
  const bytes = intake.some(length);
  return { frame: { kind: 'bytes', bytes }, left: length - bytes.length };
};

/** Cuts a stream of chunks into frames. The bytes of one frame may come out in several pieces. */
export class FrameCutter {
  readonly #intake = new Intake();
  #head: Head | undefined;

  /** Everything that can be read now. Throws StreamMalformed. */
  *cut(chunk: Buffer): Generator<Frame> {
    this.#intake.add(chunk);
    for (;;) {
      if (!this.#head && this.#intake.size < headBytes) return;
      this.#head ??= readHead(this.#intake.take(headBytes));
      const read = readBody(this.#intake, this.#head);
      if (!read) return;
      this.#head = read.left > 0 ? { ...this.#head, length: read.left } : undefined;
      yield read.frame;
    }
  }

  /** The stream has ended. Throws StreamTruncated unless that was between two frames. */
  end(): void {
    if (!this.#head && this.#intake.size === 0) return;
    throw new ReasonedError('StreamTruncated', 'The other agent closed the connection in the middle of a frame');
  }
}
