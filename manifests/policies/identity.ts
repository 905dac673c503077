import { systemNamespace } from '../../src/api/group.ts';

/*
 * Who asks, as CEL. A pod's token says on which node the pod is, signed by the
 * API server (KEP-4193), so an agent cannot pose as that of another node.
 */

const serviceAccount = (name: string): string =>
  `request.userInfo.username == 'system:serviceaccount:${systemNamespace}:transship-${name}'`;

export const isController = serviceAccount('controller');
export const isAgent = serviceAccount('agent');

/** Who makes the pods of StatefulSets: kube-controller-manager with and without --use-service-account-credentials. */
export const statefulSetControllers: readonly string[] = [
  'system:serviceaccount:kube-system:statefulset-controller',
  'system:kube-controller-manager',
];

/** The node of the pod whose token this is, as a list of one; empty when the token is of no pod. */
export const nodesOfToken = `request.userInfo.?extra[?'authentication.kubernetes.io/node-name'].orValue([])`;
