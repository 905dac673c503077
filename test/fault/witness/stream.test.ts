import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSilent, recordBytes, Silence, Story, type StreamRecord } from './stream.ts';

const first: StreamRecord = { lane: 2, secret: '0102030405060708', tick: 41, sequence: 0 };

const bytesOf = ({ lane, secret, tick, sequence }: StreamRecord, mark = 0x4b434954): Buffer => {
  const bytes = Buffer.alloc(recordBytes);
  bytes.writeUInt32LE(mark, 0);
  bytes.writeUInt32LE(lane, 4);
  bytes.write(secret, 8, 'hex');
  bytes.writeBigUInt64LE(BigInt(tick), 16);
  bytes.writeBigUInt64LE(BigInt(sequence), 24);
  return bytes;
};

const flawOf = (...records: readonly StreamRecord[]): string | undefined => {
  const story = new Story();
  story.take(Buffer.concat(records.map((record) => bytesOf(record))));
  return story.flaw;
};

const next = (by: Partial<StreamRecord> = {}): StreamRecord => ({ ...first, tick: 42, sequence: 1, ...by });

describe('the bytes of a connection', () => {
  it('are one story, in whatever pieces they come', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.array(fc.integer({ min: 1, max: 90 })), (count, cuts) => {
        const records = Array.from({ length: count }, (_, index) => ({
          ...first,
          tick: 41 + 3 * index,
          sequence: index,
        }));
        let rest = Buffer.concat(records.map((record) => bytesOf(record)));
        const story = new Story();
        for (const cut of [...cuts, rest.length]) {
          story.take(rest.subarray(0, cut));
          rest = rest.subarray(cut);
        }
        story.take(rest);
        expect([story.flaw, story.lastTick, story.first?.lane]).toEqual([undefined, 38 + 3 * count, 2]);
      }),
    );
  });

  it.each<[string, StreamRecord, string]>([
    ['a record is missing', next({ sequence: 2 }), 'record 2 stands where 1 should be'],
    ['a record is repeated', next({ sequence: 0 }), 'record 0 stands where 1 should be'],
    ['time goes back', next({ tick: 40 }), 'tick 40 follows tick 41'],
    [
      'another instance speaks',
      next({ secret: 'ffffffffffffffff' }),
      'instance ffffffffffffffff speaks on the connection of 0102030405060708',
    ],
  ])('are not when %s', (_what, second, flaw) => {
    expect(flawOf(first, next())).toBeUndefined();
    expect(flawOf(first, second)).toBe(flaw);
  });

  it('are not when a byte is lost', () => {
    const story = new Story();
    story.take(Buffer.concat([bytesOf(first), bytesOf(next()).subarray(1), bytesOf(next({ sequence: 2 }))]));
    expect(story.flaw).toBe('bytes that are no record follow tick 41');
  });
});

describe('a connection that is to be silent', () => {
  const only = bytesOf(first, 0x54454951);

  it('is known by its first bytes', () => {
    expect([isSilent(only), isSilent(bytesOf(first))]).toEqual([true, false]);
  });

  it('says whose it is, and nothing more', () => {
    const silence = new Silence();
    silence.take(only);
    expect([silence.first?.lane, silence.first?.secret, silence.flaw]).toEqual([2, first.secret, undefined]);
    silence.take(Buffer.from('x'));
    expect(silence.flaw).toBe('the connection that was to be silent said something');
  });
});
