import { describe, expect, it } from 'vitest';
import { parseRequest } from './request.ts';

const reply = '/run/transship/replies/0123abcd';

describe('a line of the doorbell', () => {
  it.each([
    [
      `arrive ${reply} 6f2c1a9e-0d4b-4a53-9c1f-2b7d1f1f0001 0123abcd /run/containerd/x`,
      {
        kind: 'arrive',
        reply,
        migrationUID: '6f2c1a9e-0d4b-4a53-9c1f-2b7d1f1f0001',
        containerID: '0123abcd',
        bundle: '/run/containerd/x',
      },
    ],
    [
      `address ${reply} ADD 1.0.0 default web-1 0123abcd`,
      {
        kind: 'address',
        reply,
        command: 'ADD',
        cniVersion: '1.0.0',
        namespace: 'default',
        podName: 'web-1',
        sandboxID: '0123abcd',
      },
    ],
  ])('%s', (line, request) => {
    expect(parseRequest(line)).toEqual(request);
  });

  it.each([
    ['nothing', ''],
    ['a word that nobody writes', 'open sesame'],
    ['a word of the prototype chain', 'toString a b c'],
    ['too few fields', `arrive ${reply} 6f2c1a9e`],
    ['too many fields', `arrive ${reply} 6f2c1a9e 0123abcd /run/x /run/y`],
    ['a reply that would be written elsewhere', 'arrive /etc/passwd 6f2c1a9e 0123abcd /run/x'],
    ['a reply that climbs', 'arrive /run/transship/replies/../x/y 6f2c1a9e 0123abcd /run/x'],
    ['a command that CNI does not have', `address ${reply} DROP 1.0.0 default web-1 0123abcd`],
  ])('is refused when it is %s', (_what, line) => {
    expect(() => parseRequest(line)).toThrow(expect.objectContaining({ reason: 'StreamMalformed' }) as Error);
  });
});
