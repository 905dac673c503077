import type { KubeObject } from '../api/metadata.ts';
import type { Key } from './api.ts';

/** What is known of one kind, answered from memory. A {@link import('./reflector.ts').Reflector} is one. */
export interface Lookup<T> {
  get(key: Key): T | undefined;
  /** All of them. Never changed afterwards: once something has changed it is another array, so what is made of one can be kept with it. */
  items(): readonly T[];
}

/** A key as one string: `namespace/name`, or the name alone of what has no namespace. */
export const keyText = (key: Key): string => (key.namespace ? `${key.namespace}/${key.name}` : key.name);

export const keyOf = (object: KubeObject): Key =>
  object.metadata.namespace === undefined
    ? { name: object.metadata.name }
    : { namespace: object.metadata.namespace, name: object.metadata.name };

/** What has been read once, as a lookup. */
export const lookupIn = <T extends KubeObject>(objects: readonly T[]): Lookup<T> => {
  const known = new Map(objects.map((object) => [keyText(keyOf(object)), object]));
  return { get: (key) => known.get(keyText(key)), items: () => objects };
};
