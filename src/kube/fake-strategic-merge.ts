import { mergePatch } from './merge-patch.ts';

interface Entry {
  readonly type: string;
  readonly $patch?: 'delete';
}

interface Conditioned {
  readonly status?: { readonly conditions?: readonly Entry[] };
}

/** Entry by entry, told apart by their type; `$patch: delete` takes one away. */
const mergedConditions = (old: readonly Entry[], patches: readonly Entry[]): unknown[] => [
  ...old.flatMap((entry) => {
    const patch = patches.find(({ type }) => type === entry.type);
    if (!patch) return [entry];
    return patch.$patch === 'delete' ? [] : [mergePatch(entry, patch)];
  }),
  ...patches.filter(({ type, $patch }) => $patch === undefined && !old.some((entry) => entry.type === type)),
];

/** A strategic merge patch as the API server takes it, for the one list of which our own code changes entries. */
export const strategicMerge = (target: unknown, patch: unknown): unknown => {
  const { conditions } = (patch as Conditioned).status ?? {};
  if (!conditions) return mergePatch(target, patch);
  const known = (target as Conditioned).status?.conditions ?? [];
  return mergePatch(mergePatch(target, patch), { status: { conditions: mergedConditions(known, conditions) } });
};
