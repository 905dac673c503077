import type { KubeObject } from '../api/metadata.ts';
import type { Resource } from '../api/resource.ts';
import { isNotFound } from './api-error.ts';
import type { Key, KubeApi } from './api.ts';

/** The object as the API server has it now, or undefined when it has none. */
export const found = async <T extends KubeObject>(
  api: KubeApi,
  resource: Resource<T>,
  key: Key,
  signal?: AbortSignal,
): Promise<T | undefined> => {
  try {
    return await api.get(resource, key, signal);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};
