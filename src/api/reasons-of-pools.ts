/** How an IPPool stands, and why a pod gets no address of it: a part of the registry. */
export const reasonsOfPools = {
  PoolReady: { kind: 'pool', means: 'The IPPool has addresses to give.' },
  PoolExhausted: {
    kind: 'pool',
    means:
      'No IPPool that is for the pod has an address left; the pod waits for one. Make the pool larger, add another one, or remove pods. The address of a pod that has ended is free again after 40 s at most.',
  },
  PoolContended: {
    kind: 'pool',
    means: 'Other nodes took each address of the IPPool that was tried; the pod is asked for again in a moment.',
  },
  PoolUnchecked: {
    kind: 'pool',
    means:
      'The controller has not looked yet at what the IPPool overlaps with, so it gives no address yet. Look at the pods of the controller when this stays.',
  },
  PoolDisabled: {
    kind: 'pool',
    means: 'The IPPool gives no more addresses (spec.disabled); pods that have one of it keep it.',
  },
  PoolGatewayLeased: {
    kind: 'pool',
    means:
      'The first address of the IPPool, which its pods would have as their gateway, is that of a pod: the range was changed, or another pool had it. No address is given until that pod is gone.',
  },
  PoolOverlaps: {
    kind: 'pool',
    means:
      'Addresses of the IPPool are also those of a node, of its podCIDR, of Services or of an older IPPool. They are given to nobody; the rest is. Choose a range that nobody else has.',
  },
  LeasesOutsidePool: {
    kind: 'pool',
    means:
      'Pods have addresses of the IPPool that are not in its range any more. They keep them until they are gone; nobody else gets them.',
  },
  AddressGivenTwice: {
    kind: 'pool',
    means:
      "The node's network gave the pod an address that another pod has taken along to another node. Delete the pod, so that it gets another address.",
  },
} as const;
