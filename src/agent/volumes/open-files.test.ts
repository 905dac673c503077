import { describe, expect, it } from 'vitest';
import { descriptorIn } from './open-files.ts';

const fdinfo = (flags: string, ...locks: readonly string[]): string =>
  ['pos:\t0', `flags:\t${flags}`, 'mnt_id:\t70', 'ino:\t1', ...locks.map((lock) => `lock:\t${lock}`), ''].join('\n');

describe('a descriptor', () => {
  const plain = { mountId: '70', isWritable: false, isPathOnly: false, locks: [] };
  it.each([
    ['that only reads', fdinfo('0100000'), plain],
    ['that writes', fdinfo('0100001'), { ...plain, isWritable: true }],
    ['that reads and writes', fdinfo('02100002'), { ...plain, isWritable: true }],
    ['that only names a file', fdinfo('012100000'), { ...plain, isPathOnly: true }],
    [
      'with locks of each kind',
      fdinfo(
        '0100002',
        '1: FLOCK  ADVISORY  WRITE 77 00:2f:5 0 EOF',
        '2: POSIX  ADVISORY  READ 77 00:2f:5 0 9',
        '3: OFDLCK ADVISORY  READ -1 00:2f:5 20 EOF',
      ),
      { ...plain, isWritable: true, locks: ['FLOCK', 'POSIX', 'POSIX'] },
    ],
  ])('%s is known by its fdinfo', (_which, text, expected) => {
    expect(descriptorIn(text)).toEqual(expected);
  });
});
