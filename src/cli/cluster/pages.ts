import type { KubeObject } from '../../api/metadata.ts';
import type { Resource } from '../../api/resource.ts';
import type { Selection } from '../../kube/api.ts';
import type { Session } from '../session.ts';

const pageSize = 500;

/** Every object of a selection, however many pages the server cuts them into. */
export const listAll = async <T extends KubeObject>(
  resource: Resource<T>,
  selection: Selection,
  { api, signal }: Pick<Session, 'api' | 'signal'>,
): Promise<readonly T[]> => {
  const found: T[] = [];
  let continueToken: string | undefined;
  do {
    const more = continueToken === undefined ? {} : { continueToken };
    const page = await api.list(resource, { ...selection, limit: pageSize, ...more }, signal);
    found.push(...page.items);
    continueToken = page.continueToken;
  } while (continueToken !== undefined);
  return found;
};
