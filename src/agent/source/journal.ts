import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { runtimeName } from '../../api/migration.ts';
import { journalDirectory } from '../host/paths.ts';

/**
 * What another process of this agent must know of a source that this one may
 * leave frozen. Written before the freeze; taken away after the source has been
 * thawed, or has gone. It is under /run: a reboot thaws everything anyway.
 */
const sourceEntry = z.object({
  migrationUID: z.string(),
  namespace: z.string(),
  name: z.string(),
  runtime: runtimeName,
  containerID: z.string(),
  sandboxID: z.string(),
  podUID: z.string(),
  ip: z.string(),
  hostVeth: z.string(),
  /** The record has said so: this source never runs again, even if the record should be gone. */
  committed: z.boolean().default(false),
});
export type SourceEntry = z.infer<typeof sourceEntry>;

const pathOf = (migrationUID: string) => join(journalDirectory, `source-${migrationUID}.json`);

export const writeEntry = async (entry: SourceEntry): Promise<void> => {
  await mkdir(journalDirectory, { recursive: true, mode: 0o700 });
  const path = pathOf(entry.migrationUID);
  await writeFile(`${path}.new`, JSON.stringify(entry), { mode: 0o600 });
  await rename(`${path}.new`, path);
};

export const removeEntry = (migrationUID: string): Promise<void> => rm(pathOf(migrationUID), { force: true });

export const readEntries = async (): Promise<readonly SourceEntry[]> => {
  const names = await readdir(journalDirectory).catch(() => []); // nothing was ever moved from here
  const texts = await Promise.all(
    names
      .filter((n) => n.startsWith('source-') && n.endsWith('.json'))
      .map((n) => readFile(join(journalDirectory, n), 'utf8')),
  );
  return texts.map((text) => sourceEntry.parse(JSON.parse(text)));
};
