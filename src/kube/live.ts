import type { KubeObject } from '../api/metadata.ts';
import type { Resource } from '../api/resource.ts';
import { isConflict, isNotFound } from './api-error.ts';
import type { Key, KubeApi } from './api.ts';
import { keyOf } from './lookup.ts';

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

/** Deletes this very object. That it is gone already, or that another one has its name, is as good. */
export const ensureGone = async <T extends KubeObject>(
  api: Pick<KubeApi, 'delete'>,
  resource: Resource<T>,
  object: T,
  signal?: AbortSignal,
): Promise<void> => {
  try {
    await api.delete(resource, keyOf(object), { uid: object.metadata.uid }, signal);
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
};
