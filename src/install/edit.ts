import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { makeHostFolder, readHostFile, removeEmptyHostFolders, removeHostFile, writeHostFile } from './host-file.ts';
import { ownFolder } from './own-folder.ts';

/** A change to a file that others own as well. A text is undefined when there is no file. */
export interface Edit {
  readonly path: string;
  /** The file with our part in it; undefined when it is good as it is. */
  readonly with: (text: string | undefined) => string | undefined;
  /** The file without our part: the very text, where it has none. */
  readonly without: (text: string) => string | undefined;
}

/** How a file was before us, to give it back byte by byte: formats of configuration are seldom written as they were read. */
const originalSchema = z.object({
  text: z.string().optional(),
  /** The topmost of the folders that were made for it. */
  folder: z.string().optional(),
  /** Digest of what we have made of it. */
  edited: z.string(),
});
export type Original = z.infer<typeof originalSchema>;

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The file as it has to be without us. Whoever has changed it since our edit has made a new original. */
export const restored = (edit: Edit, text: string, kept: Original | undefined): string | undefined =>
  kept?.edited === digestOf(text) ? kept.text : edit.without(text);

/** What is to be kept when `text` becomes `edited`. */
export const originalFor = (
  edit: Edit,
  text: string | undefined,
  edited: string,
  kept: Original | undefined,
): Original => {
  const before = text === undefined ? undefined : restored(edit, text, kept);
  return { ...kept, text: before, edited: digestOf(edited) };
};

const keptAt = (path: string): string => join(ownFolder, 'originals', `${encodeURIComponent(path)}.json`);

const recall = async (path: string): Promise<Original | undefined> => {
  const text = await readHostFile(keptAt(path));
  return text === undefined ? undefined : originalSchema.parse(JSON.parse(text));
};

/** @returns whether the file had to be changed. */
export const applyEdit = async (edit: Edit): Promise<boolean> => {
  const { path } = edit;
  const text = await readHostFile(path);
  const edited = edit.with(text);
  if (edited === undefined || edited === text) return false;
  const folder = await makeHostFolder(dirname(path));
  const original = originalFor(edit, text, edited, await recall(path));
  // It may hold secrets where the file does.
  await writeHostFile(keptAt(path), JSON.stringify({ ...original, folder: folder ?? original.folder }), 0o600);
  return writeHostFile(path, edited);
};

/** @returns whether there was anything of ours in the file. */
export const revertEdit = async (edit: Edit): Promise<boolean> => {
  const { path } = edit;
  const text = await readHostFile(path);
  const kept = await recall(path);
  const before = text === undefined ? undefined : restored(edit, text, kept);
  if (before === undefined) {
    await removeHostFile(path);
    if (kept?.folder !== undefined) await removeEmptyHostFolders(dirname(path), kept.folder);
  } else await writeHostFile(path, before);
  await removeHostFile(keptAt(path));
  return before !== text;
};
