import { describe, expect, it } from 'vitest';
import { heldFileFindings, type HeldFile, mappingsIn } from './held-files.ts';

const sentences = (...held: readonly HeldFile[]): readonly string[] =>
  heldFileFindings('demo/web', [{ pid: 7, command: 'nginx', held }]).map(
    ({ reason, message }) => `${reason}: ${message}`,
  );

const mebibyte = 2 ** 20;
const generation = '/etc/web/..2026_11_27_15_06_54.123456789';
const byAnotherName = 'open, mapped or as its folder, which the target has under another name';

describe('the files that a process holds', () => {
  it.each<[string, HeldFile]>([
    ['a file of a volume', { path: '/data/dump.rdb' }],
    ['a file of a ConfigMap that is mounted alone', { path: '/etc/nginx/nginx.conf' }],
    ['the folder above the generations of a ConfigMap', { path: '/etc/web' }],
    ['what is only called almost as a generation is', { path: '/data/..2026_11_27/x' }],
    ['a deleted file', { path: '/tmp/x', deleted: { bytes: 64 * mebibyte, links: 0 } }],
  ])('let it move with %s', (_what, file) => {
    expect(sentences(file)).toEqual([]);
  });

  it.each<[string, HeldFile, string]>([
    [
      'a file of a ConfigMap',
      { path: `${generation}/nginx.conf` },
      `VolumeFileOpen: Process 7 (nginx) of demo/web has ${generation}/nginx.conf ${byAnotherName}`,
    ],
    [
      'the folder of a token',
      { path: '/run/secrets/kubernetes.io/serviceaccount/..2026_11_27_15_06_54.1' },
      `VolumeFileOpen: Process 7 (nginx) of demo/web has /run/secrets/kubernetes.io/serviceaccount/..2026_11_27_15_06_54.1 ${byAnotherName}`,
    ],
    [
      'a file of a ConfigMap that has been replaced since',
      { path: `${generation}/nginx.conf`, deleted: { bytes: 3, links: 0 } },
      `VolumeFileOpen: Process 7 (nginx) of demo/web has ${generation}/nginx.conf ${byAnotherName}`,
    ],
    [
      'a large deleted file',
      { path: '/tmp/x', deleted: { bytes: 64 * mebibyte + 1, links: 0 } },
      'DeletedFileOpen: Process 7 (nginx) of demo/web holds /tmp/x, which has been deleted and has 65 MiB',
    ],
    [
      'a file of which one of two names is deleted',
      { path: '/tmp/x', deleted: { bytes: 1, links: 1 } },
      'DeletedFileOpen: Process 7 (nginx) of demo/web holds /tmp/x, which has been deleted and still has another name',
    ],
  ])('keep it from moving with %s', (_what, file, sentence) => {
    expect(sentences(file, file)).toEqual([sentence]);
  });
});

it('finds each mapped file once, the deleted ones, too', () => {
  const maps = `00400000-0064d000 r-xp 00000000 00:2f 1234                       /usr/bin/nginx
7f00b0000000-7f00b0001000 r--p 00000000 00:2f 99                 /lib/a library with spaces.so
7f00c0000000-7f00c0001000 rw-s 00000000 00:01 7                  /dev/shm/gone (deleted)
7f00d0000000-7f00d0021000 rw-p 00000000 00:00 0
`;
  expect([...mappingsIn(maps)]).toEqual([
    ['/usr/bin/nginx', '00400000-0064d000'],
    ['/lib/a library with spaces.so', '7f00b0000000-7f00b0001000'],
    ['/dev/shm/gone (deleted)', '7f00c0000000-7f00c0001000'],
  ]);
});
