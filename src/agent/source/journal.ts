import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { runtimeName } from '../../api/migration.ts';
import { journalDirectory } from '../host/paths.ts';
import { entriesOf } from '../journal/entries.ts';

/**
 * What another process of this agent must know of a source that this one may
 * leave frozen. Written before the freeze; taken away after the source has been
 * thawed, or has gone. It is under /run: a reboot thaws everything anyway.
 */
const sourceEntry = z.object({
  migrationUID: z.string(),
  attempt: z.number().int(),
  namespace: z.string(),
  name: z.string(),
  runtime: runtimeName,
  containers: z.array(z.string()).describe('their ids'),
  sandboxID: z.string(),
  /** Path of the pod's network namespace; an agent of an earlier version has not noted it down. */
  network: z.string().optional(),
  podUID: z.string(),
  ip: z.string(),
  hostVeth: z.string(),
  /** The record has said so: this source never runs again, even if the record should be gone. */
  committed: z.boolean().default(false),
});
export type SourceEntry = z.infer<typeof sourceEntry>;

const entries = entriesOf('source', sourceEntry);
export const { read: readEntries, unreadable: unreadableEntries } = entries;

/** What all files of one move begin with; `transship-guard` knows it, too. */
export const journalOf = (migrationUID: string) => join(journalDirectory, `source-${migrationUID}`);

const markOf = (migrationUID: string) => `${journalOf(migrationUID)}.asked`;

export const writeEntry = (entry: SourceEntry): Promise<void> => entries.write(entry.migrationUID, entry);

/** For each of its containers one guard stands by. */
export const guardMarkOf = (migrationUID: string, containerID: string) => `${journalOf(migrationUID)}.${containerID}`;

/** The mark goes last: without an entry it says nothing, and an entry without it would let the source be thawed. */
export const removeEntry = async (migrationUID: string): Promise<void> => {
  await entries.remove(migrationUID);
  await rm(markOf(migrationUID), { force: true });
};

/**
 * From here on the commit may have been sent, and only the record says whether the source lives: no guard may thaw it.
 * Synchronous, so that it is there before the commit leaves this process.
 */
export const markAsked = (migrationUID: string): void => {
  writeFileSync(markOf(migrationUID), '');
};

/** The record has been closed, or was never asked: the source may be thawed again, by a guard too. */
export const unmarkAsked = (migrationUID: string): void => {
  rmSync(markOf(migrationUID), { force: true });
};

export const isAsked = (migrationUID: string): boolean => existsSync(markOf(migrationUID));

/** What guards have thawed since the last time somebody asked, in their words. */
export const takeThawed = async (): Promise<readonly { readonly migrationUID: string; readonly told: string }[]> => {
  const names = await readdir(journalDirectory).catch(() => []); // nothing was ever moved from here
  const notes = names.flatMap((name) => /^source-(.+)\.thawed$/.exec(name)?.[1] ?? []);
  return Promise.all(
    notes.map(async (migrationUID) => {
      const path = `${journalOf(migrationUID)}.thawed`;
      const told = (await readFile(path, 'utf8')).trim();
      await rm(path);
      return { migrationUID, told };
    }),
  );
};
