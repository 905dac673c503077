import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeBytesHead,
  encodeMessage,
  type Frame,
  FrameCutter,
  maxFrameBytes,
  type Message,
  protocolVersion,
} from './frame.ts';

const read = (data: Buffer, size = data.length || 1): Frame[] => {
  const cutter = new FrameCutter();
  const found: Frame[] = [];
  for (let i = 0; i < data.length; i += size) found.push(...cutter.cut(data.subarray(i, i + size)));
  cutter.end();
  return found;
};

/** Bytes that came in pieces as if they had come at once. */
const joined = (frames: readonly Frame[]): Frame[] => {
  const result: Frame[] = [];
  for (const frame of frames) {
    const last = result.at(-1);
    if (frame.kind === 'bytes' && last?.kind === 'bytes') {
      result[result.length - 1] = { kind: 'bytes', bytes: Buffer.concat([last.bytes, frame.bytes]) };
    } else result.push(frame);
  }
  return result;
};

const messageArb: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    say: fc.constant('hello' as const),
    protocol: fc.constant(protocolVersion),
    migrationUID: fc.uuid(),
    attempt: fc.nat(),
    mapped: fc.array(fc.record({ container: fc.string(), paths: fc.array(fc.string()) })),
  }),
  fc.constantFrom<Message[]>({ say: 'held' }, { say: 'alive' }),
  fc.record({
    say: fc.constant('file' as const),
    container: fc.string({ maxLength: 20 }),
    name: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/),
  }),
  fc.record({
    say: fc.constant('restore' as const),
    container: fc.string({ maxLength: 20 }),
    files: fc.nat(),
    bytes: fc.nat(),
    checksum: fc.stringMatching(/^[0-9a-f]{8}$/),
  }),
  fc.record({ say: fc.constant('failed' as const), reason: fc.constant('DumpFailed' as const), message: fc.string() }),
);
/** A frame as it can be said. */
type Sayable = Frame & ({ kind: 'bytes' } | { kind: 'message'; message: Message });
const frameArb: fc.Arbitrary<Sayable> = fc.oneof(
  messageArb.map((message) => ({ kind: 'message' as const, message })),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => ({ kind: 'bytes' as const, bytes: Buffer.from(bytes) })),
);
const encode = (f: Sayable): Buffer =>
  f.kind === 'message' ? encodeMessage(f.message) : Buffer.concat([encodeBytesHead(f.bytes.length), f.bytes]);

describe('frames', () => {
  it('come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(frameArb, { maxLength: 8 }), fc.integer({ min: 1, max: 64 }), (sent, size) => {
        expect(joined(read(Buffer.concat(sent.map(encode)), size))).toEqual(joined(sent));
      }),
    );
  });

  it('come in no empty piece unless they are empty, which ends a file', () => {
    const data = Buffer.concat([encodeBytesHead(3), Buffer.from('abc'), encodeBytesHead(0)]);
    for (let size = 1; size <= data.length; size += 1) {
      const lengths = read(data, size).map((frame) => (frame.kind === 'bytes' ? frame.bytes.length : -1));
      expect(lengths.indexOf(0)).toBe(lengths.length - 1);
    }
  });

  it('tell the version of a hello that speaks another one, whatever else it says', () => {
    fc.assert(
      fc.property(
        fc.integer().filter((n) => n !== protocolVersion),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (protocol, rest) => {
          const body = Buffer.from(JSON.stringify({ ...rest, say: 'hello', protocol }));
          const head = Buffer.alloc(5);
          head.writeUInt32BE(body.length);
          const message = { say: 'foreignHello', protocol };
          expect(read(Buffer.concat([head, body]))).toEqual([{ kind: 'message', message }]);
        },
      ),
    );
  });

  it('tell a stream that ends anywhere but between two of them', () => {
    fc.assert(
      fc.property(frameArb, fc.nat(), (frame, n) => {
        const whole = encode(frame);
        const cut = whole.subarray(0, 1 + (n % (whole.length - 1)));
        expect(() => read(cut)).toThrow(expect.objectContaining({ reason: 'StreamTruncated' }) as Error);
      }),
    );
  });

  const tooLong = Buffer.from([0, 0, 0, 0, 1]);
  tooLong.writeUInt32BE(maxFrameBytes + 1, 0);
  const raw = (text: string) => Buffer.concat([Buffer.from([0, 0, 0, text.length, 0]), Buffer.from(text)]);
  it.each([
    ['a frame longer than allowed', tooLong, /not allowed/],
    ['a kind that does not exist', Buffer.from([0, 0, 0, 0, 7]), /kind 7/],
    ['a message that is not JSON', raw('{'), /not JSON/],
    ['a message of no known kind', raw('{"say":"jump"}'), /none that this version knows/],
    ['a hello that names no version', raw('{"say":"hello","protocol":"two"}'), /none that this version knows/],
    [
      'a hello of this version that lacks something',
      raw(JSON.stringify({ say: 'hello', protocol: protocolVersion })),
      /none that this version knows/,
    ],
    ['a foreign hello that nobody could have said', raw('{"say":"foreignHello"}'), /none that this version knows/],
    ['a checksum that is none', raw('{"say":"restore","files":1,"bytes":1,"checksum":"-1"}'), /checksum/],
    ['a file that would leave the directory', raw('{"say":"file","name":"../x"}'), /none that this version knows/],
  ])('refuse %s', (_what, data, message) => {
    expect(() => read(data)).toThrow(
      expect.objectContaining({
        reason: 'StreamMalformed',
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
  });
});
