import type { KubeObject } from '../api/metadata.ts';
import { keyOf, keyText, type Lookup } from './lookup.ts';

/** For tests: knows these objects and no others. */
export const lookupOf = <T extends KubeObject>(...objects: readonly T[]): Lookup<T> => ({
  get: (key) => objects.find((object) => keyText(keyOf(object)) === keyText(key)),
  items: () => objects,
});
