import { type Pod } from '../api/pod.ts';
import { pods } from '../api/resource.ts';
import { isNotFound } from '../kube/api-error.ts';
import type { Session } from './session.ts';
import { UserError } from './terminal.ts';

export const podNamed = async (name: string, { api, namespace, signal }: Session): Promise<Pod> => {
  try {
    return await api.get(pods, { namespace, name }, signal);
  } catch (error) {
    if (isNotFound(error)) throw new UserError(`there is no pod ${name} in namespace ${namespace}`);
    throw error;
  }
};
