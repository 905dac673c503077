import { until } from '../../lab/wait.ts';
import { apiVersion } from '../../src/api/group.ts';
import { apply, getJson, kubectl } from './kubectl.ts';

export interface PoolView {
  readonly status?: {
    readonly capacity: number;
    readonly leased: number;
    readonly free: number;
    readonly reason: string;
    readonly message: string;
    readonly conditions?: readonly { readonly type: string; readonly reason: string }[];
  };
}

interface LeaseView {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly podNamespace: string;
    readonly podName: string;
    readonly nodeName: string;
    readonly pool?: string;
  };
}

export const applyPool = (name: string, spec: object): Promise<void> =>
  apply({ apiVersion, kind: 'IPPool', metadata: { name }, spec });

export const removePools = (...names: readonly string[]): Promise<string> =>
  kubectl('delete', 'ippool', ...names, '--ignore-not-found');

/** The pool, once the controller says this of it. */
export const poolThat = (
  name: string,
  what: string,
  holds: (status: NonNullable<PoolView['status']>) => boolean,
): Promise<PoolView> =>
  until({ what: `IPPool ${name} to ${what}`, timeoutMs: 90_000 }, async () => {
    const pool = await getJson<PoolView>('ippool', name);
    return pool.status && holds(pool.status) ? pool : undefined;
  });

export const leasesOf = async (namespace: string): Promise<readonly LeaseView[]> =>
  (await getJson<{ items: LeaseView[] }>('ipleases')).items.filter(({ spec }) => spec.podNamespace === namespace);
