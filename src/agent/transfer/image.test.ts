import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openChannel } from './channel.ts';
import { openPair } from './pair-fixture.ts';
import { receiveImages } from './receive-image.ts';
import { sendImage } from './send-image.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-'));
  await mkdir(join(folder, 'from'));
  await mkdir(join(folder, 'to'));
});
afterEach(() => rm(folder, { recursive: true }));

const container = 'web';
const from = () => ({ container, directory: join(folder, 'from') });
const to = () => ({ container, directory: join(folder, 'to') });

const never = new AbortController().signal;
const noTree = () => Promise.reject(new Error('no tree was announced'));

describe('an image', () => {
  it('arrives with every byte, large, small and empty files alike', async () => {
    const files = {
      'pages-1.img': Buffer.alloc(3_000_001, 7),
      'core-1.img': Buffer.from('core'),
      'empty.img': Buffer.alloc(0),
    };
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, 'from', name), content);
    const { source, target } = openPair();
    const [sent] = await Promise.all([
      sendImage(source, from(), Promise.resolve(), never),
      receiveImages(target, [to()], noTree, never),
    ]);
    expect(sent).toBe(3_000_005);
    for (const [name, content] of Object.entries(files))
      expect(content.equals(await readFile(join(folder, 'to', name)))).toBe(true);
  });

  it('is not complete when the connection ends within it', async () => {
    const { source, target, there } = openPair();
    await source.say({ say: 'file', container, name: 'pages-1.img' });
    await source.send(Buffer.from('12345'), never);
    there.end();
    await expect(receiveImages(target, [to()], noTree, never)).rejects.toMatchObject({
      reason: 'StreamTruncated',
    });
  });

  it('is not complete when a file is missing', async () => {
    const { source, target } = openPair();
    await source.say({ say: 'restore', container, files: 1, bytes: 3, checksum: '00000000' });
    await expect(receiveImages(target, [to()], noTree, never)).rejects.toMatchObject({
      reason: 'StreamTruncated',
      message: 'The image has 1 files and 3 bytes, but 0 files and 0 bytes arrived',
    });
  });

  it.each([
    ['a byte was changed', ['first', 'sacond']],
    ['two pieces were exchanged', ['second', 'first']],
  ])('is refused when %s on the way', async (_what, pieces) => {
    const { source, target } = openPair();
    await source.say({ say: 'file', container, name: 'pages-1.img' });
    for (const piece of pieces) await source.send(Buffer.from(piece), never);
    const checksum = crc32('firstsecond').toString(16).padStart(8, '0');
    await source.say({ say: 'restore', container, files: 1, bytes: 11, checksum });
    await expect(receiveImages(target, [to()], noTree, never)).rejects.toMatchObject({
      reason: 'StreamCorrupted',
      message: expect.stringContaining(`has the checksum ${checksum}, but what arrived has `) as string,
    });
  });

  it('arrives whole when its pages are still being written while it is sent', async () => {
    const path = join(folder, 'from', 'pages-1.img');
    await writeFile(path, 'first');
    const { source, target } = openPair();
    const dumped = Promise.withResolvers<undefined>();
    const sending = sendImage(source, from(), dumped.promise, never);
    const receiving = receiveImages(target, [to()], noTree, never);
    await appendFile(path, ', second');
    await writeFile(join(folder, 'from', 'core-1.img'), 'core');
    await appendFile(path, ', last');
    dumped.resolve(undefined);
    await Promise.all([sending, receiving]);
    expect(await readFile(join(folder, 'to', 'pages-1.img'), 'utf8')).toBe('first, second, last');
    expect(await readdir(join(folder, 'to'))).toEqual(['core-1.img', 'pages-1.img']);
  });

  it('is given up with the reason of the dump when that fails', async () => {
    const { source } = openPair();
    await expect(sendImage(source, from(), Promise.reject(new Error('CRIU said no')), never)).rejects.toThrow(
      'CRIU said no',
    );
  });

  it('is given up at once when the move is, even if the dump never ends', async () => {
    const { source } = openPair();
    const move = new AbortController();
    const sending = sendImage(source, from(), new Promise(() => undefined), move.signal);
    move.abort(new Error('the move was cancelled'));
    await expect(sending).rejects.toThrow('the move was cancelled');
  });

  it('is given up at once when the move is, even if the connection takes nothing any more', async () => {
    await writeFile(join(folder, 'from', 'pages-1.img'), Buffer.alloc(3_000_000, 7));
    const source = openChannel(new Duplex({ read: () => undefined, write: () => undefined }));
    const move = new AbortController();
    const sending = sendImage(source, from(), Promise.resolve(), move.signal);
    await new Promise((resolve) => setImmediate(resolve));
    move.abort(new Error('the move was cancelled'));
    await expect(sending).rejects.toThrow('the move was cancelled');
  });

  it('has no bytes before the name of a file', async () => {
    const { source, target } = openPair();
    await source.send(Buffer.from('123'), never);
    await expect(receiveImages(target, [to()], noTree, never)).rejects.toMatchObject({
      reason: 'StreamMalformed',
    });
  });

  it('never writes into a file that is there already', async () => {
    await writeFile(join(folder, 'to', 'x'), 'before');
    const { source, target } = openPair();
    await source.say({ say: 'file', container, name: 'x' });
    await expect(receiveImages(target, [to()], noTree, never)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readdir(join(folder, 'to'))).toEqual(['x']);
  });

  it('ends with the reason that the other agent gives', async () => {
    const { source, target } = openPair();
    await source.say({ say: 'failed', reason: 'DumpFailed', message: 'CRIU said no' });
    await expect(receiveImages(target, [to()], noTree, never)).rejects.toMatchObject({
      reason: 'DumpFailed',
      message: 'CRIU said no',
    });
  });
});
