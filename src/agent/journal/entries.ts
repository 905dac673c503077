import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { journalDirectory } from '../host/paths.ts';

/** A file that another version of the agent wrote, or that is not whole. */
export interface Unreadable {
  readonly path: string;
  /** What is not as it should be, a line each. */
  readonly why: string;
}

/** What an agent leaves behind for the next process of itself: one file for each thing that is half done. */
export interface Entries<T> {
  readonly write: (id: string, entry: T) => Promise<void>;
  readonly remove: (id: string) => Promise<void>;
  readonly read: () => Promise<readonly T[]>;
  readonly unreadable: () => Promise<readonly Unreadable[]>;
}

type Parsed<T> = { readonly entry: T } | Unreadable;

const parse = <T>(schema: z.ZodType<T>, path: string, text: string): Parsed<T> => {
  try {
    const { success, data, error } = schema.safeParse(JSON.parse(text));
    return success ? { entry: data } : { path, why: z.prettifyError(error) };
  } catch (error) {
    return { path, why: (error as Error).message };
  }
};

/** @param side what the names of its files begin with */
export const entriesOf = <T>(side: string, schema: z.ZodType<T>, directory = journalDirectory): Entries<T> => {
  const pathOf = (id: string): string => join(directory, `${side}-${id}.json`);
  const parsed = async (): Promise<readonly Parsed<T>[]> => {
    const names = await readdir(directory).catch(() => []); // nothing was ever moved from here or to here
    const paths = names
      .filter((name) => name.startsWith(`${side}-`) && name.endsWith('.json'))
      .map((name) => join(directory, name));
    return Promise.all(paths.map(async (path) => parse(schema, path, await readFile(path, 'utf8'))));
  };
  return {
    async write(id, entry) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const path = pathOf(id);
      await writeFile(`${path}.new`, JSON.stringify(entry), { mode: 0o600 });
      await rename(`${path}.new`, path);
    },
    remove: (id) => rm(pathOf(id), { force: true }),
    read: async () => (await parsed()).flatMap((found) => ('entry' in found ? [found.entry] : [])),
    unreadable: async () => (await parsed()).flatMap((found) => ('entry' in found ? [] : [found])),
  };
};
