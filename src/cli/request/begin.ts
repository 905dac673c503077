import { apiVersion } from '../../api/group.ts';
import { type Migration, migrationNameOf, phaseOf } from '../../api/migration.ts';
import { isFinished } from '../../api/phase.ts';
import type { Pod } from '../../api/pod.ts';
import { migrations } from '../../api/resource.ts';
import { isAlreadyExists } from '../../kube/api-error.ts';
import type { Key } from '../../kube/api.ts';
import { found } from '../../kube/live.ts';
import { annotated } from '../../trace/annotated.ts';
import { UserError } from '../failure.ts';
import type { Change } from '../output/changes.ts';
import { whole } from '../output/objects.ts';
import type { Session } from '../session.ts';
import type { DryRunOptions } from '../usage/flags.ts';

export interface MoveRequest extends DryRunOptions {
  /** The node to move to. */
  readonly to?: string | undefined;
}

/** The one Migration of a pod, whoever asks for it. */
export const keyOfMove = ({ metadata: { namespace = 'default', name, uid } }: Pod): Key => ({
  namespace,
  name: migrationNameOf(name, uid),
});

const draftOf = (pod: Pod, to: string | undefined) => ({
  apiVersion,
  kind: 'Migration',
  metadata: { name: migrationNameOf(pod.metadata.name, pod.metadata.uid), namespace: pod.metadata.namespace },
  spec: {
    podName: pod.metadata.name,
    podUID: pod.metadata.uid,
    trigger: 'Request',
    ...(to !== undefined && { targetNodeName: to }),
  },
});

/** The move that somebody else has begun is as good as ours, if it goes where we want. */
const joined = (existing: Migration, to: string | undefined): Change => {
  const { name, namespace = 'default' } = existing.metadata;
  const phase = phaseOf(existing);
  if (isFinished(phase)) {
    throw new UserError(
      `Migration ${name} of this pod has ended (${phase}${existing.status?.reason ? `: ${existing.status.reason}` : ''}). To try again: kubectl delete migration -n ${namespace} ${name}`,
    );
  }
  if (to !== undefined && existing.spec.targetNodeName !== to) {
    throw new UserError(
      `the pod is being moved by Migration ${name} to ${existing.spec.targetNodeName ?? 'a node that the scheduler chooses'} already`,
    );
  }
  return { resource: migrations, object: existing, what: `unchanged (${phase})` };
};

/** The move of this pod that has been asked for before, if there is one. Throws when it is another than is wanted now. */
export const joinMove = async (
  pod: Pod,
  to: string | undefined,
  { api, signal }: Session,
): Promise<Change | undefined> => {
  const existing = await found(api, migrations, keyOfMove(pod), signal);
  return existing && joined(existing, to);
};

/** Asks for the move of a pod. Whoever asks for it at the same moment gets the same one. */
export const beginMove = async (pod: Pod, { to, dryRun }: MoveRequest, session: Session): Promise<Change> => {
  const { api, signal, tracer } = session;
  const draft = draftOf(pod, to);
  const change = { resource: migrations, what: 'created' };
  if (dryRun === 'client') return { ...change, object: draft };
  try {
    const options = { dryRun: dryRun === 'server' };
    const body = annotated(draft, tracer.begin('asks for the move').annotations);
    return { ...change, object: await api.create(whole(migrations), pod.metadata.namespace, body, options, signal) };
  } catch (error) {
    const other = isAlreadyExists(error) ? await joinMove(pod, to, session) : undefined;
    if (!other) throw error;
    return other;
  }
};
