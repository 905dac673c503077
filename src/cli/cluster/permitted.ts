import { isForbidden } from '../../kube/api-error.ts';

/**
 * What was read, or undefined when the user may not read it. Nodes, policies and
 * what agents report belong to the cluster, and whoever moves pods of a namespace
 * need not have a right to them.
 */
export const ifPermitted = async <T>(reading: Promise<T>): Promise<T | undefined> => {
  try {
    return await reading;
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
};
