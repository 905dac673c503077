import { group } from '../api/group.ts';
import { phaseOf } from '../api/migration.ts';
import { isCommitted, isFinished } from '../api/phase.ts';
import { migrations } from '../api/resource.ts';
import { isNotFound } from '../kube/api-error.ts';
import type { Session } from './session.ts';
import { UserError } from './terminal.ts';

/** Asks for the move to be taken back. It races with the commit; the Migration's phase tells who was first. */
export const cancel = async (name: string, { api, namespace, signal, terminal }: Session): Promise<number> => {
  try {
    const migration = await api.patch(migrations, { namespace, name }, { spec: { cancel: true } }, {}, signal);
    const phase = phaseOf(migration);
    if (isFinished(phase) || isCommitted(phase))
      throw new UserError(`Migration ${name} is ${phase}: there is nothing to take back any more`);
  } catch (error) {
    if (isNotFound(error)) throw new UserError(`there is no Migration ${name} in namespace ${namespace}`);
    throw error;
  }
  terminal.out(`migration.${group}/${name} cancellation requested`);
  return 0;
};
