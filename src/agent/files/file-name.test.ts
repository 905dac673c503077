import { expect, it } from 'vitest';
import { bytesOf, namedBy } from './file-name.ts';

it('keeps every byte of a name, in whatever encoding it is', () => {
  const bytes = Buffer.from([0x66, 0xff, 0xfe, 0x0a, 0x5c, 0xc3]);
  expect(bytesOf(bytes.toString('latin1'))).toEqual(bytes);
  expect(namedBy('ä')).toBe('\u00c3\u00a4');
});
