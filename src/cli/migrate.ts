import { apiVersion, group } from '../api/group.ts';
import { type Migration, migrationNameOf, migrationStatus, phaseOf } from '../api/migration.ts';
import type { Pod } from '../api/pod.ts';
import { isFinished } from '../api/phase.ts';
import { migrations } from '../api/resource.ts';
import { isAlreadyExists } from '../kube/api-error.ts';
import { follow } from './follow.ts';
import { podNamed } from './pod.ts';
import type { Session } from './session.ts';
import { UserError } from './terminal.ts';

export interface MigrateOptions {
  readonly to?: string | undefined;
  readonly wait?: boolean | undefined;
}

const draftOf = ({ metadata: { name, uid } }: Pod, namespace: string, to: string | undefined) => ({
  apiVersion,
  kind: 'Migration',
  metadata: { name: migrationNameOf(name, uid), namespace },
  spec: { podName: name, podUID: uid, trigger: 'Request', ...(to !== undefined && { targetNodeName: to }) },
});

/** The move that somebody else has begun is as good as ours, if it goes where we want. */
const joined = (existing: Migration, to: string | undefined): string => {
  const { name, namespace } = existing.metadata;
  const phase = phaseOf(existing);
  if (isFinished(phase)) {
    throw new UserError(
      `Migration ${name} of this pod has ended (${phase}${existing.status?.reason ? `: ${existing.status.reason}` : ''}). To try again: kubectl delete migration -n ${namespace ?? ''} ${name}`,
    );
  }
  if (to !== undefined && existing.spec.targetNodeName !== to) {
    throw new UserError(
      `the pod is being moved by Migration ${name} to ${existing.spec.targetNodeName ?? 'a node that the scheduler chooses'} already`,
    );
  }
  return `unchanged (${phase})`;
};

const begin = async (
  pod: Pod,
  to: string | undefined,
  { api, namespace, signal }: Session,
): Promise<{ name: string; outcome: string }> => {
  const draft = draftOf(pod, namespace, to);
  const { name } = draft.metadata;
  try {
    await api.create(migrations, namespace, draft, {}, signal);
    return { name, outcome: 'created' };
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return { name, outcome: joined(await api.get(migrations, { namespace, name }, signal), to) };
  }
};

const summaryOf = ({ spec, status = migrationStatus.parse({}) }: Migration): string => {
  const { source, target, timings } = status;
  const way = `from ${source?.nodeName ?? '?'} to ${target?.nodeName ?? '?'} as pod/${target?.podName ?? '?'}`;
  const freeze = timings?.freezeMs === undefined ? '' : `, frozen for ${timings.freezeMs} ms`;
  return `pod/${spec.podName} moved ${way}${freeze}`;
};

export const migrate = async (podName: string, { to, wait }: MigrateOptions, session: Session): Promise<number> => {
  const { name, outcome } = await begin(await podNamed(podName, session), to, session);
  session.terminal.out(`migration.${group}/${name} ${outcome}`);
  if (!wait) return 0;
  const ended = await follow(name, session);
  if (phaseOf(ended) !== 'Succeeded') return 1;
  session.terminal.out(summaryOf(ended));
  return 0;
};
