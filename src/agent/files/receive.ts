import type { ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { once } from 'node:events';
import { join, normalize } from 'node:path';
import type { Writable } from 'node:stream';
import { ReasonedError } from '../../api/reasons.ts';
import { inHost, outcomeOf, start } from '../host/command.ts';
import { onHost } from '../host/paths.ts';
import { asExpected, type Channel } from '../transfer/channel.ts';
import { bytesOf, namedBy } from './file-name.ts';
import type { Root } from './roots.ts';

/** Throws on a path that would leave its root. */
export const inside = (root: string, path: string): string => {
  const clean = normalize(path);
  if (clean.startsWith('/') || clean === '..' || clean.startsWith('../'))
    throw new ReasonedError('StreamMalformed', `The other agent names the file ${path}, which is outside of its tree`);
  return join(root, clean);
};

const unpacker = (root: Root, signal: AbortSignal): ChildProcess =>
  start(
    inHost([
      'tar',
      '--extract',
      '--xattrs',
      '--xattrs-include=*',
      '--numeric-owner',
      '--same-permissions',
      '--delay-directory-restore',
      '--directory',
      root.path,
      '--file=-',
    ]),
    { signal },
  );

/** Passes on what comes until an empty frame. A program that ends early ends this too. */
const pourInto = async (
  stdin: Writable | null,
  ended: Promise<unknown>,
  channel: Channel,
  signal: AbortSignal,
): Promise<void> => {
  for (;;) {
    const frame = await channel.next(signal);
    if (frame.kind !== 'bytes') asExpected(frame, 'tree');
    if (frame.kind !== 'bytes' || frame.bytes.length === 0) break;
    if (stdin?.write(frame.bytes) === false) await Promise.race([once(stdin, 'drain'), ended]);
  }
  stdin?.end();
};

/**
 * Takes one pass of one tree: deletes, then unpacks until an empty frame.
 * GNU tar puts a folder in the place of a symbolic link, and makes links of an
 * archive last, so that nothing is written outside of the tree.
 */
export const receiveTree = async (
  channel: Channel,
  roots: readonly Root[],
  tree: { readonly root: string; readonly removed: readonly string[] },
  signal: AbortSignal,
): Promise<void> => {
  const root = roots.find((r) => r.name === tree.root);
  if (!root) throw new ReasonedError('StreamMalformed', `The target pod has no place for the files of ${tree.root}`);
  const top = namedBy(onHost(root.path));
  for (const path of tree.removed) await rm(bytesOf(inside(top, path)), { recursive: true, force: true });
  const tar = unpacker(root, signal);
  const ended = outcomeOf(tar);
  ended.catch(() => undefined); // awaited below, unless the channel fails first
  await pourInto(tar.stdin, ended, channel, signal);
  const { code, stderr } = await ended;
  if (code !== 0) throw new Error(`tar could not unpack ${tree.root} of the source: ${stderr.trim().slice(-300)}`);
};
