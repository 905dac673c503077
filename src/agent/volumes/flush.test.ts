import { expect, it } from 'vitest';
import { ReasonedError } from '../../api/reasons.ts';
import { filesToSync, flush } from './flush.ts';
import { openFile } from './open-file-fixture.ts';

it('the daemon of a FUSE file system is asked to write each file that is open for writing, once', () => {
  const files = [
    openFile({ handle: '/proc/7/fd/3', path: '/data/log' }),
    openFile({ handle: '/proc/8/fd/3', path: '/data/log' }),
    openFile({ handle: '/proc/7/map_files/0-1', path: '/data/board' }),
    openFile({ handle: '/proc/7/fd/4', path: '/data/read', isWritable: false }),
    openFile({ handle: '/proc/7/fd/5', path: '/data/gone', isDeleted: true }),
    openFile({ handle: '/proc/7/fd/6', path: '/other/log', volume: 'pv-8' }),
    openFile({ handle: '/proc/7/fd/7', path: '/nfs/log', type: 'nfs4' }),
  ];
  expect(filesToSync(files)).toEqual(['/proc/8/fd/3', '/proc/7/map_files/0-1', '/proc/7/fd/6']);
  expect(filesToSync([])).toEqual([]);
});

it('a volume that cannot be flushed is a fault with a reason, which names it', async () => {
  const mounts = [{ volume: 'pv-7', destination: '/data', source: '/no/such/folder' }];
  const error: unknown = await flush(mounts, [], new AbortController().signal).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ReasonedError);
  const { reason, message } = error as ReasonedError;
  expect(`${reason}: ${message}`).toMatch(
    /^VolumeNotFlushed: what the pod wrote to pv-7 did not get to where other nodes see it: sync /,
  );
});

it('a pod without such volumes has nothing to flush', async () => {
  await expect(flush([], [], AbortSignal.abort())).resolves.toBeUndefined();
});
