import type { Pod } from '../api/pod.ts';
import type { Surroundings } from '../migration/eligibility.ts';
import { candidatesOf, type KnownNodes } from '../scheduling/candidates.ts';

/** What a pod depends on besides its own node, from memory. */
export type SurroundingsOf = (pod: Pod) => Surroundings;

export const surroundingsFrom =
  (known: KnownNodes): SurroundingsOf =>
  ({ spec: { nodeName: source = '' } }) => {
    const names = known.nodes.items().map(({ metadata }) => metadata.name);
    return { places: { sourceNode: known.nodes.get({ name: source }), candidates: candidatesOf(names, known) } };
  };
