import { administrator, type Answer, type Api } from './api-as.ts';

export interface Evicted {
  readonly namespace: string;
  readonly name: string;
}

export interface EvictionOptions {
  readonly version?: 'policy/v1' | 'policy/v1beta1';
  /** Of the request. */
  readonly dryRun?: boolean;
  readonly deleteOptions?: object;
}

/** Evicts a pod as `kubectl drain` and others do, and gives the API server's whole answer. */
export const evict = (
  api: Api,
  { namespace, name }: Evicted,
  { version = 'policy/v1', dryRun = false, deleteOptions = {} }: EvictionOptions = {},
): Promise<Answer> =>
  api.post(administrator, `/api/v1/namespaces/${namespace}/pods/${name}/eviction${dryRun ? '?dryRun=All' : ''}`, {
    ...{ apiVersion: version, kind: 'Eviction', metadata: { namespace, name } },
    deleteOptions,
  });

export const keyOf = ({ metadata: { namespace, name } }: { readonly metadata: Evicted }): Evicted => ({
  namespace,
  name,
});

/** Does all of it, so many at a time; what comes out is in no order. */
export const atATime = async <Item, Result>(
  most: number,
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> => {
  const left = items.values();
  const results: Result[] = [];
  const lane = async (): Promise<void> => {
    for (const item of left) results.push(await work(item));
  };
  await Promise.all(Array.from({ length: most }, lane));
  return results;
};
