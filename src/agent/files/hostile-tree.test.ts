import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPair } from '../transfer/pair-fixture.ts';
import { enclosedHere } from './enclosed.ts';
import { openLister } from './listing.ts';
import { openPacker } from './pack.ts';
import { openFileSink } from './receive.ts';
import { type Copying, encloseHere, isRoot, openCopying } from './sync-fixture.ts';
import { Unpacker } from './unpack.ts';

/*
 * Links that lead out of a tree. What keeps programs inside is a mount of their
 * own, which takes root to make; test/e2e/files has it on a node.
 */

let copying: Copying;

beforeEach(async () => {
  copying = await openCopying();
  await copying.sh('echo secret >"$outside/passwd"; echo secret >"$outside/other"; chmod 600 "$outside/passwd"');
});
afterEach(() => copying[Symbol.asyncDispose]());

const sh = (script: string): Promise<string> => copying.sh(`cd "$from"\n${script}`);

const expectOutsideAsBefore = async (): Promise<void> => {
  expect(await copying.sh('cd "$outside"; ls; cat *; stat -c %a passwd')).toBe('other\npasswd\nsecret\nsecret\n600\n');
};

const never = new AbortController().signal;

describe('a link that leads out of its tree', () => {
  const links = ['ln -s "$outside" d', 'ln -s ../outside d'];

  it.each(links)('may be replaced by a folder between two passes (%s)', async (link) => {
    await sh(link);
    await copying.pass('running');
    await sh('rm d; mkdir d; echo mine >d/passwd; mkdir d/deep; echo mine >d/deep/x');
    await copying.pass('frozen');
    await expectOutsideAsBefore();
    expect(await copying.seen(copying.to)).toBe(await copying.seen(copying.from));
    expect(await copying.sh('cat "$to/d/passwd"')).toBe('mine\n');
  });

  it.each(links)('may replace a folder between two passes (%s)', async (link) => {
    await sh('mkdir d; echo mine >d/passwd; echo mine >d/new');
    await copying.pass('running');
    await sh(`rm -r d; ${link}`);
    await copying.pass('frozen');
    await expectOutsideAsBefore();
    expect(await copying.seen(copying.to)).toBe(await copying.seen(copying.from));
  });

  it.each(links)('and a file that hides behind it are both taken for what they are (%s)', async (link) => {
    await sh(`${link}; ln -s d/passwd p; ln -s p q`);
    await copying.pass('running');
    await sh('rm p; echo mine >p');
    await copying.pass('frozen');
    await expectOutsideAsBefore();
    expect(await copying.seen(copying.to)).toBe(await copying.seen(copying.from));
  });
});

describe.runIf(isRoot)('a program in a tree', () => {
  const withLinks = 'ln -s "$outside" abs; ln -s ../outside rel';

  it('is not led out of it by a path that was one of the tree when it was listed', async () => {
    await sh(`${withLinks}; echo mine >own`);
    const packer = openPacker({ name: 'shm', path: copying.from }, enclosedHere);
    const archive: Buffer[] = [];
    const packing = packer.pack(['own', 'abs/passwd', 'rel/passwd'], 'running', never);
    for await (const chunk of packing) archive.push(chunk);
    const text = Buffer.concat(archive).toString('latin1');
    expect(text).toContain('mine');
    expect(text).not.toContain('secret');
  });

  it('does not list what lies behind a link', async () => {
    await sh(withLinks);
    const lister = openLister(copying.from, enclosedHere);
    const paths: string[] = [];
    for await (const batch of lister.list('frozen', never)) paths.push(...batch.filter((_, index) => index % 2 === 1));
    expect(paths.toSorted()).toEqual(['', 'abs', 'rel']);
  });

  it.each(['abs', 'rel'])('deletes nothing behind a link (%s)', async (link) => {
    await copying.sh(`cd "$to"; ${withLinks}; mkdir own; touch own/x`);
    const unpacker = new Unpacker({ name: 'shm', path: copying.to }, enclosedHere);
    await expect(unpacker.remove([`${link}/passwd`])).rejects.toThrow('Too many levels of symbolic links');
    unpacker.close();
    await expectOutsideAsBefore();
  });

  it.each(['abs', 'rel'])('unpacks nothing behind a link of an earlier pass (%s)', async (link) => {
    await copying.sh(`cd "$to"; ${withLinks}`);
    const archive = await copying.sh(
      `mkdir -p "$from/${link}"; echo evil >"$from/${link}/passwd"; cd "$from"; tar -cf - ./${link}/passwd | base64`,
    );
    const unpacker = new Unpacker({ name: 'shm', path: copying.to }, enclosedHere);
    await unpacker.write(Buffer.from(archive, 'base64'));
    await expect(unpacker.end()).rejects.toThrow('tar could not unpack shm of the source');
    unpacker.close();
    await expectOutsideAsBefore();
  });
});

describe('another agent that means harm', () => {
  it.each([
    ['deletes by a path that leads upwards', { removed: ['../outside/passwd'] }],
    ['deletes by an absolute path', { removed: ['/etc/passwd'] }],
    ['hides one path in another', { removed: ['a\0/etc/passwd'] }],
    ['makes a socket elsewhere', { removed: [], sockets: [{ path: '../outside/s', mode: 0o777, uid: 0, gid: 0 }] }],
  ])('is refused when it %s', async (_what, said) => {
    const { target } = openPair();
    const sink = openFileSink([{ name: 'shm', path: copying.to }], encloseHere);
    const taking = sink.take(target, { say: 'tree', root: 'shm', ...said }, 'running', never);
    await expect(taking).rejects.toMatchObject({ reason: 'StreamMalformed' });
    sink.close();
    await expectOutsideAsBefore();
  });

  it('is refused when it names a tree that the pod does not have', async () => {
    const { target } = openPair();
    const sink = openFileSink([]);
    const message = { say: 'tree', root: 'rootfs/web', removed: [] } as const;
    await expect(sink.take(target, { ...message, removed: [] }, 'running', never)).rejects.toThrow(
      'The target pod has no place for the files of rootfs/web',
    );
  });
});
