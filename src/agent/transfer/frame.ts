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
  z.object({ say: z.literal('file'), name: imageFileName, bytes: z.number().int().min(0) }),
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

/**
 * Cuts a stream of chunks into frames. Ends quietly only between two frames;
 * anywhere else it throws StreamTruncated.
 */
export async function* frames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Frame, void, undefined> {
  let pending: Buffer[] = [];
  let size = 0;
  let wanted = 5;
  let kind: number | undefined;
  for await (const chunk of chunks) {
    pending.push(chunk);
    size += chunk.length;
    while (size >= wanted) {
      const whole: Buffer = pending.length === 1 && pending[0] ? pending[0] : Buffer.concat(pending, size);
      const part = whole.subarray(0, wanted);
      pending = [whole.subarray(wanted)];
      size -= wanted;
      if (kind === undefined) {
        kind = part.readUInt8(4);
        wanted = part.readUInt32BE(0);
        if (kind > 1 || wanted > maxFrameBytes)
          throw new ReasonedError('StreamMalformed', `A frame of kind ${kind} with ${wanted} bytes is not allowed`);
        if (wanted > 0) continue;
      }
      const body = wanted === 0 ? Buffer.alloc(0) : part;
      yield kind === 0 ? { kind: 'message', message: parseMessage(body) } : { kind: 'bytes', bytes: body };
      kind = undefined;
      wanted = 5;
    }
  }
  if (size > 0 || kind !== undefined)
    throw new ReasonedError('StreamTruncated', 'The other agent closed the connection in the middle of a frame');
}
