/*
 * Where a pod may run, as far as a target's specification has to differ from
 * its source's. Everything that is not named here is kept as it is.
 */

const merged = new Set(['matchLabelKeys', 'mismatchLabelKeys']);

/**
 * The API server has already merged these keys into the label selector of the
 * source, and refuses a new pod that has both (KEP-3243, KEP-3633).
 */
export const withoutMatchLabelKeys = <T>(value: T): T => without(value, merged, 0) as T;

/** An affinity is at most seven levels deep; the bound only keeps a strange one from costing us the stack. */
const deepest = 20;

const without = (value: unknown, names: ReadonlySet<string>, depth: number): unknown => {
  if (typeof value !== 'object' || value === null || depth > deepest) return value;
  if (Array.isArray(value)) return value.map((item) => without(item, names, depth + 1));
  const kept = Object.entries(value).filter(([name]) => !names.has(name));
  return Object.fromEntries(kept.map(([name, inner]) => [name, without(inner, names, depth + 1)]));
};
