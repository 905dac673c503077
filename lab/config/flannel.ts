import { network } from '../cluster.ts';

/** What flanneld reads: which addresses pods have, and how packets for those of other nodes are carried. */
export function flannelConfig(): string {
  const config = {
    Network: network.podCidr,
    // Without it flannel asks for iptables and br_netfilter, which is a module.
    EnableNFTables: true,
    Backend: { Type: 'vxlan' },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** What a packet of a pod may be long, so that it fits into one of the node with 50 bytes of VXLAN around it. */
export const flannelMtu = 1450;

/** What flanneld may do, in the words of RBAC; it is known as the user of its certificate. */
export const flannelUser = 'flannel';

const role = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: flannelUser },
  rules: [
    { apiGroups: [''], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] },
    // Each writes into an annotation of its node at which address it takes packets; others read it there.
    { apiGroups: [''], resources: ['nodes', 'nodes/status'], verbs: ['patch'] },
  ],
};

const binding = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: flannelUser },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: flannelUser },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: flannelUser }],
};

/** By the paths at which the API server keeps them. */
export const flannelAccess: ReadonlyMap<string, object> = new Map<string, object>([
  [`/apis/rbac.authorization.k8s.io/v1/clusterroles/${flannelUser}`, role],
  [`/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${flannelUser}`, binding],
]);
