import fc from 'fast-check';
import { expect, it } from 'vitest';
import { kindIn, type Listed, pairsOf } from './listing.ts';

async function* chunksOf(data: Buffer, size: number): AsyncGenerator<Buffer> {
  await Promise.resolve();
  for (let from = 0; from < data.length; from += size) yield data.subarray(from, from + size);
}

const readIn = async (data: Buffer, size: number): Promise<Listed> => {
  const all: string[] = [];
  for await (const listed of pairsOf(chunksOf(data, size))) {
    expect(listed.length % 2).toBe(0);
    all.push(...listed);
  }
  return all;
};

it('what find prints comes out as stamps and paths, however it is cut', async () => {
  const name = fc.uint8Array({ maxLength: 12 }).map((bytes) => bytes.map((byte) => (byte === 0 ? 10 : byte)));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(name, name)), fc.integer({ min: 1, max: 40 }), async (files, size) => {
      const parts = files.flat().map((bytes) => Buffer.from(bytes));
      const printed = Buffer.concat(parts.flatMap((part) => [part, Buffer.alloc(1)]));
      expect(await readIn(printed, size)).toEqual(parts.map((part) => part.toString('latin1')));
    }),
  );
});

it('the kind of a file is the end of its stamp', () => {
  expect(kindIn('65024:12 1795792487.9414463000 4096 755 12:34 d')).toBe('d');
});
