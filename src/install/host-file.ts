import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { onHost } from '../agent/host/paths.ts';

export const readHostFile = (path: string): Promise<string | undefined> =>
  readFile(onHost(path), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });

/** Writes a file of the host as a whole, so that no daemon ever reads half of it. False when it was so already. */
export const writeHostFile = async (path: string, content: string, mode = 0o644): Promise<boolean> => {
  if ((await readHostFile(path)) === content) return false;
  const file = onHost(path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.transship-new`, content, { mode });
  await chmod(`${file}.transship-new`, mode); // a running umask would take bits away
  await rename(`${file}.transship-new`, file);
  return true;
};

export const removeHostFile = async (path: string): Promise<boolean> => {
  const there = (await readHostFile(path)) !== undefined;
  await rm(onHost(path), { force: true });
  return there;
};
