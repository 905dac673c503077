import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Checksum } from './checksum.ts';

const of = (...pieces: readonly Uint8Array[]): string => {
  const checksum = new Checksum();
  for (const piece of pieces) checksum.add(piece);
  return checksum.hex;
};

describe('the checksum of an image', () => {
  it('is the CRC-32 of its bytes, however they are cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(300), { maxLength: 5 }), (bytes, cuts) => {
        const ends = [...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length];
        const pieces = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
        expect(of(...pieces)).toBe(crc32(bytes).toString(16).padStart(8, '0'));
      }),
    );
  });

  it.each([
    ['', '00000000'],
    ['123456789', 'cbf43926'], // the check value of the CRC catalogue
  ])('of %j is %s', (text, hex) => {
    expect(of(Buffer.from(text))).toBe(hex);
  });

  it('tells any single bit that has changed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), (bytes, n) => {
        const changed = Uint8Array.from(bytes);
        const at = n % (bytes.length * 8);
        changed[at >> 3]! ^= 1 << (at & 7);
        expect(of(changed)).not.toBe(of(bytes));
      }),
    );
  });
});
