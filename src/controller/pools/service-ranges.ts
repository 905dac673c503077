import type { Clock } from '../../clock/clock.ts';
import { isNotFound } from '../../kube/api-error.ts';
import type { KubeApi } from '../../kube/api.ts';
import { serviceCIDRs } from '../../kube/builtin-resources.ts';

export interface ServiceRanges {
  /** What Services have their addresses from. Empty where the API server does not tell (before Kubernetes 1.33). */
  current(signal: AbortSignal): Promise<readonly string[]>;
}

/** They are added once in a year, and no pod is started because of it: there is no use in a watch. */
const validMs = 30_000;

/** Asks the API server at most every half minute. */
export const serviceRangesFrom = (api: Pick<KubeApi, 'list'>, clock: Pick<Clock, 'elapsed'>): ServiceRanges => {
  let known: { readonly ranges: readonly string[]; readonly since: number } | undefined;
  const ask = async (signal: AbortSignal): Promise<readonly string[]> => {
    try {
      const { items } = await api.list(serviceCIDRs, {}, signal);
      return items.flatMap(({ spec }) => spec?.cidrs ?? []).toSorted();
    } catch (error) {
      if (isNotFound(error)) return [];
      throw error;
    }
  };
  return {
    async current(signal) {
      const now = clock.elapsed();
      if (!known || now - known.since >= validMs) known = { ranges: await ask(signal), since: now };
      return known.ranges;
    },
  };
};
