import { describe, expect, it } from 'vitest';
import { nothingButCriuFolders, withoutCriuFolders } from './criu-folder.ts';
import type { Entry } from './survey.ts';

const of = (kind: string): Entry => ({ stamp: `1:2 3 0 700 0:0 ${kind}`, kind, whiteout: false, opaque: false });

describe('what find complains of while CRIU dumps', () => {
  it.each([
    '',
    "find: './tmp/cr-tmpfs.GUUdv5': No such file or directory\n",
    "find: './cr-tmpfs.a1B2c3': No such file or directory",
  ])('is a folder of CRIU that has gone: %j', (said) => {
    expect(nothingButCriuFolders(said)).toBe(true);
  });

  it.each([
    "find: './tmp/data': No such file or directory",
    "find: './tmp/cr-tmpfs.GUUdv5': Input/output error",
    "find: './cr-tmpfs.GUUdv5/data': No such file or directory",
    "find: './tmp/cr-tmpfs.GUUdv5': No such file or directory\nfind: './data': No such file or directory",
    'nsenter: failed to execute find: No such file or directory',
  ])('is more than that: %j', (said) => {
    expect(nothingButCriuFolders(said)).toBe(false);
  });
});

describe('of a frozen tree', () => {
  it.each([
    ['a folder that CRIU has made in /tmp', 'tmp/cr-tmpfs.GUUdv5', 'd', false],
    ['a folder that CRIU has made where there is no /tmp', 'cr-tmpfs.GUUdv5', 'd', false],
    ['a file of that name', 'tmp/cr-tmpfs.GUUdv5', 'f', true],
    ['a folder with a longer name', 'tmp/cr-tmpfs.GUUdv5x', 'd', true],
  ])('%s: %s (%s) is sent: %s', (_what, path, kind, isSent) => {
    expect(withoutCriuFolders(new Map([[path, of(kind)]]), new Map()).has(path)).toBe(isSent);
  });

  it('a folder of that name stays that the pod had before', () => {
    const tree = new Map([['tmp/cr-tmpfs.GUUdv5', of('d')]]);
    expect(withoutCriuFolders(tree, tree)).toBe(tree);
  });
});
