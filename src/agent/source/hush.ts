import { readFile, rm } from 'node:fs/promises';
import { inHost, run } from '../host/command.ts';
import { journalOf } from './journal.ts';

/**
 * Lets a source speak again that a guard has silenced when its agent died with a
 * commit in doubt; does nothing where there was none. Whoever knows now what the
 * record says has fenced the source, or is about to thaw it.
 */
export const endHush = async (migrationUID: string): Promise<void> => {
  const path = `${journalOf(migrationUID)}.hushed`;
  const table = await readFile(path, 'utf8').catch(() => undefined); // nobody was silenced
  if (table === undefined) return;
  await run(inHost(['nft', 'delete', 'table', 'netdev', table.trim()]), { timeoutMs: 5_000 });
  await rm(path, { force: true });
};
