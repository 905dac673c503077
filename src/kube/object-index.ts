import type { KubeObject } from '../api/metadata.ts';
import { keyOf, keyText } from './lookup.ts';
import type { Reflector } from './reflector.ts';

/** A cache that says when something changes. */
export type Watched<T extends KubeObject> = Pick<Reflector<T>, 'items' | 'onChange'>;

const areSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((value, place) => value === b[place]);

/**
 * The objects of a cache by something else than their name, as client-go's
 * Indexer has them: to find some costs as much as there are of them, however
 * many others there are. It listens to the cache, so make it before whoever
 * asks it when the cache changes.
 */
export class ObjectIndex<T extends KubeObject> {
  readonly #valuesOf: (object: T) => readonly string[];
  /** By value, then by the object's key. */
  readonly #objects = new Map<string, Map<string, T>>();
  readonly #values = new Map<string, readonly string[]>();

  /** @param valuesOf what an object is to be found by. */
  constructor(cache: Watched<T>, valuesOf: (object: T) => readonly string[]) {
    this.#valuesOf = valuesOf;
    for (const object of cache.items()) this.#put(keyText(keyOf(object)), object);
    cache.onChange((key, object) => {
      if (object) this.#put(keyText(key), object);
      else this.#drop(keyText(key));
    });
  }

  /** In the order in which they came to have this value. */
  of(value: string): readonly T[] {
    return [...(this.#objects.get(value)?.values() ?? [])];
  }

  #put(text: string, object: T): void {
    const values = this.#valuesOf(object);
    if (!areSame(values, this.#values.get(text) ?? [])) this.#drop(text);
    this.#values.set(text, values);
    for (const value of values) this.#under(value).set(text, object);
  }

  #drop(text: string): void {
    for (const value of this.#values.get(text) ?? []) {
      const objects = this.#under(value);
      objects.delete(text);
      if (objects.size === 0) this.#objects.delete(value);
    }
    this.#values.delete(text);
  }

  #under(value: string): Map<string, T> {
    const known = this.#objects.get(value);
    if (known) return known;
    const objects = new Map<string, T>();
    this.#objects.set(value, objects);
    return objects;
  }
}
