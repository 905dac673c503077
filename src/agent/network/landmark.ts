import type { Node } from '../../api/pod.ts';

const internalIP = (node: Node): string | undefined =>
  node.status?.addresses?.find((a) => a.type === 'InternalIP')?.address;

/** The route to a node is that to the first address of its podCIDR; without one, that to the node itself. */
export const landmarkOf = (node: Node): string | undefined => node.spec?.podCIDR?.split('/')[0] ?? internalIP(node);
