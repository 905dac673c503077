import type { Selection } from './api.ts';
import type { Stored } from './fake-store.ts';

const fieldOf = (object: Stored, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], object);

const pairs = (selector: string | undefined): string[][] =>
  selector ? selector.split(',').map((pair) => pair.split('=')) : [];

/** Does the object fall under a selection of `name=value` pairs? Enough for what our own code asks. */
export const isSelected = (object: Stored, selection: Selection): boolean =>
  (selection.namespace === undefined || object.metadata.namespace === selection.namespace) &&
  pairs(selection.labelSelector).every(([name = '', value]) => object.metadata.labels?.[name] === value) &&
  pairs(selection.fieldSelector).every(([path = '', value]) => (fieldOf(object, path) ?? '') === value);
