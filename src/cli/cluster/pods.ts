import type { Pod } from '../../api/pod.ts';
import { pods } from '../../api/resource.ts';
import type { Session } from '../session.ts';
import { listAll } from './pages.ts';

/** A pod that has ended runs no process, and nobody would want it elsewhere. */
const hasEnded = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

const placeOf = ({ metadata: { namespace = '', name } }: Pod): string => `${namespace}/${name}`;

export interface PodSelection {
  /** All of them, when it is left out. */
  readonly namespace?: string | undefined;
  readonly selector?: string | undefined;
  readonly node?: string | undefined;
}

/** The pods of a selection that have not ended, by namespace and name. */
export const podsIn = async (
  { namespace, selector, node }: PodSelection,
  session: Session,
): Promise<readonly Pod[]> => {
  const fieldSelector = node === undefined ? undefined : `spec.nodeName=${node}`;
  const found = await listAll(pods, { namespace, labelSelector: selector, fieldSelector }, session);
  return found.filter((pod) => !hasEnded(pod)).toSorted((a, b) => placeOf(a).localeCompare(placeOf(b)));
};
