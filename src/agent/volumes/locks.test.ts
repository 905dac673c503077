import { describe, expect, it } from 'vitest';
import { kindsToProbe, lockFindings } from './locks.ts';
import { openFile } from './open-file-fixture.ts';

const sentences = (...[files, found = []]: Parameters<typeof lockFindings>): readonly string[] =>
  lockFindings(files, found).map(({ reason, message }) => `${reason}: ${message}`);

describe('a lock on a file of a shared volume', () => {
  it('goes along when the kernel keeps it for this node alone, as it does for FUSE', () => {
    expect(sentences([openFile({ locks: ['POSIX', 'FLOCK'] })], [])).toEqual([]);
  });

  it('does not when the kernel keeps it because the server of a network file system has given it', () => {
    expect(sentences([openFile({ type: 'nfs4', locks: ['POSIX'] })], [])).toEqual([
      'VolumeLockHeld: the pod holds a lock on /data/log, which process 7 has open on volume pv-7',
    ]);
  });

  it('does not when the server says so, whoever holds it; each file is told once', () => {
    const file = openFile();
    const found = [
      { file, kind: 'POSIX' },
      { file: openFile({ handle: '/proc/7/fd/9' }), kind: 'POSIX' },
      { file, kind: 'FLOCK' },
    ] as const;
    expect(sentences([file], found)).toEqual([
      'VolumeLockHeld: the server keeps a lock on /data/log, which process 7 has open on volume pv-7',
    ]);
  });

  it('is none where nobody holds any', () => {
    expect(sentences([openFile(), openFile({ type: 'nfs4' })], [])).toEqual([]);
  });
});

describe('the server of a volume', () => {
  it.each([
    ['is asked for both kinds of locks on a file of a FUSE file system', openFile(), ['POSIX', 'FLOCK']],
    ['is not asked for what the kernel knows', openFile({ locks: ['FLOCK'] }), ['POSIX']],
    ['is not asked by the kernel’s own file systems', openFile({ type: 'ceph' }), []],
    ['is not asked for deleted files, which nobody can open', openFile({ isDeleted: true }), []],
    ['is not asked for mappings, which have no locks', openFile({ handle: '/proc/7/map_files/0-1' }), []],
  ])('%s', (_when, file, kinds) => {
    expect(kindsToProbe(file)).toEqual(kinds);
  });
});
