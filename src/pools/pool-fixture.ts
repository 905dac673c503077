import type { IPLease, IPPool } from '../api/addresses.ts';
import type { Metadata } from '../api/metadata.ts';

/** For tests: a pool that the controller has looked at, and leases. */
export const poolWith = (
  name: string,
  cidr: string,
  spec: Partial<IPPool['spec']> = {},
  metadata: Partial<Metadata> = {},
): IPPool => ({
  metadata: { name, uid: name, resourceVersion: '1', ...metadata },
  spec: { cidr, ...spec },
  status: { capacity: 0, leased: 0, free: 0, reason: 'PoolReady', message: '', serviceCIDRs: [] },
});

export const leaseOfPod = (ip: string, pool: string | undefined, podName = `pod-${ip}`): IPLease => ({
  metadata: { name: ip, uid: ip, resourceVersion: '1' },
  spec: {
    ...{ ip, prefixLength: 24, nodeName: 'n1', podNamespace: 'default', podName, podUID: podName },
    ...(pool !== undefined && { pool }),
  },
});
