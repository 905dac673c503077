import { z } from 'zod';
import { kubeconfigFile } from '../../../lab/cluster.ts';
import { metadata } from '../../../src/api/metadata.ts';
import type { Resource } from '../../../src/api/resource.ts';
import { createKubeApi, type KubeConnection } from '../../../src/kube/client-node.ts';

/** Short: the API server is one of the things that are killed here. */
const timeoutMs = 4_000;

export const connectApi = (): Promise<KubeConnection> => createKubeApi({ kubeconfigPath: kubeconfigFile, timeoutMs });

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
