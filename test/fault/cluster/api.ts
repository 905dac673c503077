import { z } from 'zod';
import { kubeconfigFile } from '../../../lab/cluster.ts';
import { metadata } from '../../../src/api/metadata.ts';
import type { Resource } from '../../../src/api/resource.ts';
import { createKubeApi } from '../../../src/kube/client-node.ts';
import type { KubeConnection } from '../../../src/kube/connection.ts';

/** Short: the API server is one of the things that are killed here. */
const timeoutMs = 4_000;

/** The lab's API server, as administrator, for as long as the stack lives. */
export const withApi = async (stack: AsyncDisposableStack): Promise<KubeConnection> => {
  const api = await createKubeApi({ kubeconfigPath: kubeconfigFile, timeoutMs });
  stack.defer(() => {
    api.close();
  });
  return api;
};

const plain = z.looseObject({ metadata });
type Plain = z.infer<typeof plain>;

export const deployments: Resource<Plain> = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
  schema: plain,
};

export const namespaces: Resource<Plain> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
  schema: plain,
};
