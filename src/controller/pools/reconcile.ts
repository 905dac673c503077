import { isDeepStrictEqual } from 'node:util';
import type { IPLease, IPPool, IPPoolStatus } from '../../api/addresses.ts';
import { apiVersion } from '../../api/group.ts';
import type { Node } from '../../api/pod.ts';
import { ipPools } from '../../api/resource.ts';
import { isReason } from '../../api/reasons.ts';
import type { Clock } from '../../clock/clock.ts';
import { isConflict, isNotFound, isOtherObject } from '../../kube/api-error.ts';
import type { KubeApi } from '../../kube/api.ts';
import type { EventRecorder } from '../../kube/events.ts';
import type { Lookup } from '../../kube/lookup.ts';
import type { Reconcile } from '../../kube/queue.ts';
import type { Log } from '../../log/log.ts';
import { poolStatusOf } from '../../pools/status.ts';
import type { ServiceRanges } from './service-ranges.ts';

export interface PoolPorts {
  readonly pools: Lookup<IPPool>;
  readonly leases: Lookup<IPLease>;
  readonly nodes: Lookup<Node>;
  readonly api: Pick<KubeApi, 'patch'>;
  readonly serviceRanges: ServiceRanges;
  readonly events: EventRecorder;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/** That all is well is no news to somebody who has just made the pool. */
const isNews = (before: IPPoolStatus | undefined, { reason }: IPPoolStatus): boolean =>
  reason !== before?.reason && !(before === undefined && reason === 'PoolReady');

const tell = ({ events }: PoolPorts, { metadata, status: before }: IPPool, status: IPPoolStatus): void => {
  const { reason, message } = status;
  if (!isNews(before, status) || !isReason(reason)) return;
  const { name, uid } = metadata;
  const type = reason === 'PoolReady' || reason === 'PoolDisabled' ? 'Normal' : 'Warning';
  events.record({ apiVersion, kind: 'IPPool', name, uid }, type, reason, message);
};

/** Writes into the status of a pool how it stands. Without one an agent takes no address from it. */
export const reconcilingPools =
  (ports: PoolPorts): Reconcile =>
  async (key, signal) => {
    const { api, pools, leases, nodes, clock, serviceRanges, log } = ports;
    const serviceCIDRs = await serviceRanges.current(signal);
    const pool = pools.get(key);
    if (!pool) return undefined;
    const neighbours = { pools: pools.items(), nodes: nodes.items(), serviceCIDRs };
    const status = poolStatusOf(pool, { leases: leases.items(), neighbours }, clock.now());
    if (isDeepStrictEqual(status, pool.status)) return undefined;
    try {
      const { uid } = pool.metadata;
      await api.patch(ipPools, key, { metadata: { uid }, status }, { subresource: 'status' }, signal);
    } catch (error) {
      // Gone, or made anew: whoever is there now is looked at by its own change.
      if (isNotFound(error) || isConflict(error) || isOtherObject(error)) return undefined;
      throw error;
    }
    if (status.reason !== pool.status?.reason) log.info({ pool: key, reason: status.reason }, 'Wrote status of IPPool');
    tell(ports, pool, status);
    return undefined;
  };
