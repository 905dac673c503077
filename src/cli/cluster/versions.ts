import { systemNamespace } from '../../api/group.ts';
import type { MigrationNode } from '../../api/migration-node.ts';
import { migrationNodes, type Resource } from '../../api/resource.ts';
import { isForbidden } from '../../kube/api-error.ts';
import { daemonSets, deployments, type Workload } from '../../kube/builtin-resources.ts';
import { found } from '../../kube/live.ts';
import { ownVersion } from '../client-version.ts';
import type { Session } from '../session.ts';
import { listAll } from './pages.ts';
import { ifPermitted } from './permitted.ts';

/** What runs in the cluster, or in words why that is not known. */
export type Installed = { readonly version: string; readonly image: string } | string;

export interface AgentVersion {
  readonly node: string;
  readonly protocol: number;
  readonly runtime: string;
  readonly criu: string;
  readonly kernel: string;
}

export interface Versions {
  readonly client: string;
  readonly controller?: Installed;
  readonly agent?: Installed;
  /** As each agent has reported last. */
  readonly nodes?: readonly AgentVersion[];
}

const versionLabel = 'app.kubernetes.io/version';

const tagOf = (image: string): string => /:([^/:@]+)(@.*)?$/.exec(image)?.[1] ?? 'unknown';

const installedAs = ({ metadata, spec }: Workload): Installed => {
  const image = spec.template.spec.containers[0]?.image ?? '';
  return { version: metadata.labels?.[versionLabel] ?? tagOf(image), image };
};

const installed = async (resource: Resource<Workload>, name: string, { api, signal }: Session): Promise<Installed> => {
  try {
    const workload = await found(api, resource, { namespace: systemNamespace, name }, signal);
    return workload ? installedAs(workload) : 'not installed';
  } catch (error) {
    if (isForbidden(error)) return `unknown (you may not read ${resource.plural} in namespace ${systemNamespace})`;
    throw error;
  }
};

const reportedBy = ({ metadata, status }: MigrationNode): readonly AgentVersion[] =>
  status
    ? [
        {
          node: metadata.name,
          protocol: status.protocol,
          runtime: `${status.runtime} ${status.runtimeVersion}`,
          criu: status.criuVersion,
          kernel: status.kernelVersion,
        },
      ]
    : [];

/** No MigrationNodes is an answer: the kind is not there before Transship is installed. */
const agentVersions = async (session: Session, agent: Installed): Promise<readonly AgentVersion[]> => {
  if (agent === 'not installed') return [];
  return ((await ifPermitted(listAll(migrationNodes, {}, session))) ?? []).flatMap(reportedBy);
};

/** What runs in the cluster, beside this program. */
export const versionsIn = async (session: Session): Promise<Versions> => {
  const [controller, agent] = await Promise.all([
    installed(deployments, 'transship-controller', session),
    installed(daemonSets, 'transship-agent', session),
  ]);
  return { client: ownVersion, controller, agent, nodes: await agentVersions(session, agent) };
};
