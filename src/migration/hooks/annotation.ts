import { type PodHooks, podHooks } from '../../api/hook.ts';
import { hooksAnnotation } from '../../api/names.ts';
import type { Pod } from '../../api/pod.ts';

/** The hooks that a pod names itself, or everything that is wrong with how it names them. */
export type Annotated = { readonly hooks: PodHooks } | { readonly mistakes: readonly string[] };

const parsed = (text: string): { readonly json: unknown } | { readonly mistake: string } => {
  try {
    return { json: JSON.parse(text) };
  } catch (error) {
    return { mistake: `it is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
};

export const annotatedHooks = ({ metadata }: Pick<Pod, 'metadata'>): Annotated => {
  const text = metadata.annotations?.[hooksAnnotation];
  if (text === undefined) return { hooks: {} };
  const read = parsed(text);
  if ('mistake' in read) return { mistakes: [read.mistake] };
  const { success, data, error } = podHooks.safeParse(read.json);
  if (success) return { hooks: data };
  return { mistakes: error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')) };
};
