import { describe, expect, it } from 'vitest';
import { newcomersIn, shuttingOut } from './newcomers.ts';

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const line = (state: string, received: string): string =>
  `   0: 00000000:18EB 00000000:0000 ${state} 00000000:${received} 00:00000000 00000000     0        0 4242 1 0 100 0 0 10 0`;

describe('newcomers that the program has not let in', () => {
  it.each([
    ['there are none where nobody listens', [], 0],
    ['there are none where nobody waits', [line('0A', '00000000')], 0],
    ['are those that wait at a socket that listens', [line('0A', '0000000B')], 11],
    ['are those whose connection is only half made', [line('03', '00000000'), line('03', '00000000')], 2],
    ['are not those who have said what was not read yet', [line('01', '00000020'), line('08', '00000001')], 0],
    ['are counted together', [line('0A', '00000001'), line('03', '00000000'), line('0A', '00000001')], 3],
  ])('%s', (_what, lines, count) => {
    expect(newcomersIn([head, ...lines, ''].join('\n'))).toBe(count);
  });
});

it('nobody is shut out for longer than was said', () => {
  expect(shuttingOut(65)).toContain('{ tcp timeout 65s }');
});
