import { chmod, chown, mkdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { onHost } from '../agent/host/paths.ts';

const unlessAbsent = (error: unknown): undefined => {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw error;
};

export const readHostFile = (path: string): Promise<string | undefined> =>
  readFile(onHost(path), 'utf8').catch(unlessAbsent);

/** Owner and mode of a new file: of the one that it replaces, or as asked. */
const dress = async (file: string, asWas: string, mode: number | undefined): Promise<void> => {
  const was = await stat(asWas).catch(unlessAbsent);
  if (was) await chown(file, was.uid, was.gid);
  await chmod(file, mode ?? (was ? was.mode & 0o7777 : 0o644)); // a running umask would take bits away
};

/** Writes a file of the host as a whole, so that no daemon ever reads half of it. False when it was so already. */
export const writeHostFile = async (path: string, content: string, mode?: number): Promise<boolean> => {
  if ((await readHostFile(path)) === content) return false;
  const file = onHost(path);
  await makeHostFolder(dirname(path));
  await writeFile(`${file}.transship-new`, content, { mode: 0o600 });
  await dress(`${file}.transship-new`, file, mode);
  await rename(`${file}.transship-new`, file);
  return true;
};

export const removeHostFile = async (path: string): Promise<boolean> => {
  const there = (await readHostFile(path)) !== undefined;
  await rm(onHost(path), { force: true });
  return there;
};

/** Makes a folder of the host and those above it. @returns the topmost that was not there, if any. */
export const makeHostFolder = async (path: string): Promise<string | undefined> => {
  const first = await mkdir(onHost(path), { recursive: true });
  return first?.slice(onHost('').length);
};

/** Removes `folder` and those above it up to `topmost`, as far as nothing is in them. */
export const removeEmptyHostFolders = async (folder: string, topmost: string): Promise<void> => {
  for (let path = folder; `${path}/`.startsWith(`${topmost}/`); path = dirname(path)) {
    const removed = await rmdir(onHost(path)).then(
      () => true,
      () => false, // somebody has put something into it since
    );
    if (!removed) return;
  }
};
