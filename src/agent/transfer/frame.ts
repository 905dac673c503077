import { z } from 'zod';
import { allReasons, type Reason, ReasonedError } from '../../api/reasons.ts';

/**
 * What two agents say to each other, in the order of a move:
 *
 *   source                         target
 *   hello ───────────────────────▶         which move
 *         ◀─────────────────────── ready   stands at the rendezvous
 *   (tree, data*)* ──────────────▶         files, while the source runs
 *   frozen ──────────────────────▶         the source stands still
 *         ◀────────────────────── routed   packets now wait at the target
 *   (tree, data*)* ──────────────▶         files that have changed since
 *   (file, data*)*, restore ─────▶         the image is complete
 *         ◀──────────────────────── held   restored, nothing has run
 *   committed ───────────────────▶         the record says so
 *         ◀──────────────────── released   the target runs
 *
 * Either side may say `failed` before `committed`. A frame is a length (4 bytes,
 * big endian), a kind (1 byte: 0 = JSON message, 1 = bytes of the open file) and
 * that many bytes.
 */
export const protocolVersion = 1;

/** Larger frames are refused before they are read into memory. */
export const maxFrameBytes = 4 * 1024 * 1024;

/** CRIU's and runc's image files have flat names; a name with a slash would leave the directory. */
const imageFileName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$/);

export const message = z.discriminatedUnion('say', [
  z.object({ say: z.literal('hello'), protocol: z.number().int(), migrationUID: z.string() }),
  z.object({ say: z.literal('ready') }),
  z.object({ say: z.literal('tree'), root: z.string(), removed: z.array(z.string()) }),
  z.object({ say: z.literal('frozen') }),
  z.object({ say: z.literal('routed') }),
  z.object({ say: z.literal('file'), name: imageFileName }),
  z.object({ say: z.literal('restore'), files: z.number().int(), bytes: z.number().int() }),
  z.object({ say: z.literal('held') }),
  z.object({ say: z.literal('committed') }),
  z.object({ say: z.literal('released') }),
  z.object({ say: z.literal('failed'), reason: z.enum(allReasons as [Reason, ...Reason[]]), message: z.string() }),
]);
export type Message = z.infer<typeof message>;

export type Frame =
  { readonly kind: 'message'; readonly message: Message } | { readonly kind: 'bytes'; readonly bytes: Buffer };

const header = (length: number, kind: 0 | 1): Buffer => {
  const head = Buffer.allocUnsafe(5);
  head.writeUInt32BE(length, 0);
  head.writeUInt8(kind, 4);
  return head;
};

export const encodeMessage = (m: Message): Buffer => {
  const body = Buffer.from(JSON.stringify(m));
  return Buffer.concat([header(body.length, 0), body]);
};

/** The head of a frame of bytes; the bytes themselves follow uncopied. */
export const encodeBytesHead = (length: number): Buffer => header(length, 1);

const parseMessage = (body: Buffer): Message => {
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch (error) {
    throw new ReasonedError('StreamMalformed', 'A message of the other agent is not JSON', { cause: error });
  }
  const parsed = message.safeParse(value);
  if (!parsed.success)
    throw new ReasonedError(
      'StreamMalformed',
      `A message of the other agent is none that this version knows: ${z.prettifyError(parsed.error)}`,
    );
  return parsed.data;
};

const headBytes = 5;

const readHead = (head: Buffer): { readonly kind: number; readonly length: number } => {
  const kind = head.readUInt8(4);
  const length = head.readUInt32BE(0);
  if (kind > 1 || length > maxFrameBytes) {
    throw new ReasonedError('StreamMalformed', `A frame of kind ${kind} with ${length} bytes is not allowed`);
  }
  return { kind, length };
};

const asFrame = (kind: number, body: Buffer): Frame =>
  kind === 0 ? { kind: 'message', message: parseMessage(body) } : { kind: 'bytes', bytes: body };

/** Chunks as they come in, and exactly as many bytes as are asked for out. */
class Intake {
  #chunks: Buffer[] = [];
  size = 0;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.size += chunk.length;
  }

  take(length: number): Buffer {
    const [first = Buffer.alloc(0)] = this.#chunks;
    const whole = first.length >= length ? first : Buffer.concat(this.#chunks, this.size);
    this.#chunks =
      first.length >= length ? [first.subarray(length), ...this.#chunks.slice(1)] : [whole.subarray(length)];
    this.size -= length;
    return whole.subarray(0, length);
  }
}

/**
 * Cuts a stream of chunks into frames. Ends quietly only between two frames;
 * anywhere else it throws StreamTruncated.
 */
export async function* frames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Frame, void, undefined> {
  const intake = new Intake();
  let head: { readonly kind: number; readonly length: number } | undefined;
  for await (const chunk of chunks) {
    intake.add(chunk);
    while (intake.size >= (head?.length ?? headBytes)) {
      if (head) {
        yield asFrame(head.kind, intake.take(head.length));
        head = undefined;
      } else {
        head = readHead(intake.take(headBytes));
      }
    }
  }
  if (head || intake.size > 0) {
    throw new ReasonedError('StreamTruncated', 'The other agent closed the connection in the middle of a frame');
  }
}
