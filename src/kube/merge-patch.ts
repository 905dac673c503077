import { isDeepStrictEqual } from 'node:util';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON merge patch, RFC 7386: null deletes, objects merge, everything else (lists too) replaces. */
export const mergePatch = (target: unknown, patch: unknown): unknown => {
  if (!isObject(patch)) return structuredClone(patch);
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = mergePatch(result[key], value);
  }
  return result;
};

/** Would this merge patch leave everything as it is? */
export const changesNothing = (target: unknown, patch: object): boolean =>
  isDeepStrictEqual(mergePatch(target, JSON.parse(JSON.stringify(patch))), target);
