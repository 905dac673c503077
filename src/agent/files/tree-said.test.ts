import { expect, it } from 'vitest';
import { encodeMessage, maxFrameBytes } from '../transfer/frame.ts';
import type { Survey } from './survey.ts';
import { messagesFor } from './tree-said.ts';

const entry = (kind: string) => ({ stamp: `1:2 3.0 0 640 12:34 ${kind}`, kind, whiteout: false, opaque: false });
const now: Survey = new Map([
  ['a', entry('f')],
  ['s', entry('s')],
]);

it('says once what is gone, what is packed and what sockets there are', () => {
  expect(messagesFor({ changed: ['a', 's'], removed: ['b'] }, now)).toEqual([
    { removed: ['b'], packed: ['a'], sockets: [{ path: 's', mode: 0o640, uid: 12, gid: 34 }] },
  ]);
  expect(messagesFor({ changed: [], removed: [] }, now)).toEqual([{ removed: [], packed: [], sockets: [] }]);
});

it('says it in several messages when one would be too large to be read, the deleted files first', () => {
  const removed = Array.from({ length: 50_000 }, (_, index) => `${'\u0001'.repeat(40)}${String(index)}`);
  const messages = messagesFor({ changed: ['a', 's'], removed }, now);
  expect(messages.length).toBeGreaterThan(5);
  expect(messages.flatMap((message) => message.removed)).toEqual(removed);
  expect(messages.findIndex(({ packed }) => packed.length > 0)).toBe(messages.length - 1);
  for (const { removed: part } of messages)
    expect(encodeMessage({ say: 'tree', root: 'shm', removed: [...part] }).length).toBeLessThan(maxFrameBytes);
});
