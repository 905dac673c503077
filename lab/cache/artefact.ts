import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { step } from '../progress.ts';
import { cacheFolder } from './folder.ts';

/** Something built once and kept: a folder in the cache, named after what it was built from. */
export interface Artefact {
  readonly name: string;
  readonly describe: string;
  /** Texts that decide what comes out. */
  readonly texts?: readonly string[];
  /** Files whose contents decide what comes out. */
  readonly files?: readonly string[];
  /** Fills an empty folder; progress of programs goes to the log file. */
  readonly build: (folder: string, log: string) => Promise<void>;
}

const building = '.building-';

export async function artefactPath(artefact: Artefact): Promise<string> {
  const hash = createHash('sha256');
  for (const text of artefact.texts ?? []) hash.update(text).update('\0');
  for (const file of artefact.files ?? []) hash.update(await readFile(file)).update('\0');
  return join(cacheFolder(), `${artefact.name}-${hash.digest('hex').slice(0, 16)}`);
}

/** The artefact's folder, built first when the cache lacks it. A build that is interrupted leaves no artefact. */
export async function artefactFolder(artefact: Artefact): Promise<string> {
  const final = await artefactPath(artefact);
  if (existsSync(final)) return final;
  const logs = join(cacheFolder(), 'log');
  await mkdir(logs, { recursive: true });
  const log = join(logs, `${artefact.name}.log`);
  await rm(log, { force: true });
  const unfinished = join(cacheFolder(), `${building}${artefact.name}`);
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished);
  await step(`${artefact.describe} (log: ${log})`, () => artefact.build(unfinished, log));
  await rename(unfinished, final);
  return final;
}

/** Removes what no current source leads to any more. Never while a lab runs: its nodes' file systems lie on it. */
export async function removeSuperseded(current: readonly Artefact[]): Promise<void> {
  const paths = await Promise.all(current.map(artefactPath));
  for (const entry of await readdir(cacheFolder()).catch(() => [])) {
    const path = join(cacheFolder(), entry);
    const known = current.some(({ name }) => new RegExp(`^${name}-[0-9a-f]{16}$`).test(entry));
    if (entry.startsWith(building) || (known && !paths.includes(path)))
      await rm(path, { recursive: true, force: true });
  }
}
