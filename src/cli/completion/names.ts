import { z } from 'zod';
import { type KubeObject, metadata } from '../../api/metadata.ts';
import { migrationPolicies, migrations, nodes, pods, type Resource } from '../../api/resource.ts';
import { namespaces } from '../../kube/builtin-resources.ts';
import type { Session } from '../session.ts';
import type { NameKind } from './wanted.ts';

/** Nobody reads a longer list; and whoever waits for it has typed nothing yet. */
const mostNames = 500;

const resources: Readonly<Record<NameKind, Resource<KubeObject>>> = {
  pod: pods,
  node: nodes,
  migration: migrations,
  policy: migrationPolicies,
  namespace: namespaces,
};

const onlyMetadata = z.object({ metadata });

/** The names of a kind, those of the namespace where it has them. */
export const namesOf = async (kind: NameKind, { api, namespace, signal }: Session): Promise<readonly string[]> => {
  const resource = { ...resources[kind], schema: onlyMetadata };
  const selection = resource.namespaced ? { namespace } : {};
  const { items } = await api.list(resource, { ...selection, limit: mostNames }, signal);
  return items.map((item) => item.metadata.name);
};
