import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { cacheFolder } from './folder.ts';
import { until } from '../wait.ts';

/** Runs work while no other lab command changes the lab or the cache. A lock whose holder is gone is taken over. */
export async function exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
  await mkdir(cacheFolder(), { recursive: true });
  const file = join(cacheFolder(), 'lock');
  const what = `the lab command that holds ${file}`;
  await until({ what, timeoutMs: 20 * 60_000, everyMs: 500 }, async () => (await take(file)) || undefined);
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    await writeFile(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    const holder = await readFile(file, 'utf8').catch(() => '');
    if (holder !== '' && !(await isLabCommand(holder))) await rm(file, { force: true });
    return false;
  }
}

/** A process id may have been given to another program since; that one does not hold the lock. */
async function isLabCommand(pid: string): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split('\0').some((argument) => argument.endsWith('main.ts'));
}
