import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { labLock } from '../cluster.ts';
import { say } from '../progress.ts';
import { until } from '../wait.ts';
import { cacheFolder } from './folder.ts';

/** Runs work while no other command fills this cache. */
export const whileCacheIsOurs = <Result>(work: () => Promise<Result>): Promise<Result> =>
  exclusively(join(cacheFolder(), 'lock'), work);

/** Runs work while no other command changes the lab, whatever its cache. */
export const whileLabIsOurs = <Result>(work: () => Promise<Result>): Promise<Result> => exclusively(labLock, work);

/** A build from nothing takes a quarter of an hour. */
const longestWorkMs = 30 * 60_000;

/** A lock is a file that names its holder. One whose holder is gone is taken over. */
async function exclusively<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  await mkdir(dirname(file), { recursive: true });
  let told = false;
  await until({ what: `the command that holds ${file}`, timeoutMs: longestWorkMs, everyMs: 500 }, async () => {
    if (await take(file)) return true;
    if (!told) say(`waiting for another lab command (it holds ${file})`);
    told = true;
    return undefined;
  });
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** The file appears with its content, so that nobody takes a lock for abandoned that is being taken. */
async function take(file: string): Promise<boolean> {
  if (!(await isHeld(file))) await rm(file, { force: true });
  const mine = `${file}.${String(process.pid)}`;
  await writeFile(mine, String(process.pid));
  try {
    await link(mine, file);
    return true;
  } catch {
    return false;
  } finally {
    await rm(mine);
  }
}

/** A process id may have been given to another program since; that one does not hold the lock. */
async function isHeld(file: string): Promise<boolean> {
  const holder = await readFile(file, 'utf8').catch(() => '');
  if (holder === '') return false;
  const commandLine = await readFile(`/proc/${holder}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split('\0').some((argument) => argument.endsWith('main.ts'));
}
