import { type Migration, phaseOf } from '../api/migration.ts';
import { isFinished } from '../api/phase.ts';
import { migrations } from '../api/resource.ts';
import { isNotFound } from '../kube/api-error.ts';
import type { Session } from './session.ts';
import { UserError } from './terminal.ts';

/** Asked for by name and this often, not watched: whoever may get one Migration may lack the right to watch all. */
const periodMs = 500;

const lineOf = ({ status }: Migration): string =>
  [status?.phase ?? 'Pending', status?.reason, status?.message].filter(Boolean).join(' · ');

const again = async (name: string, { api, namespace, signal }: Session): Promise<Migration> => {
  try {
    return await api.get(migrations, { namespace, name }, signal);
  } catch (error) {
    if (isNotFound(error)) throw new UserError(`Migration ${name} was deleted`);
    throw error;
  }
};

/** Tells each step until the Migration is finished. It ends by its own deadline, so this needs none. */
export const follow = async (name: string, session: Session): Promise<Migration> => {
  let told = '';
  for (;;) {
    const migration = await again(name, session);
    const line = lineOf(migration);
    if (line !== told) session.terminal.err(line);
    told = line;
    if (isFinished(phaseOf(migration))) return migration;
    await session.clock.sleep(periodMs, session.signal);
  }
};
