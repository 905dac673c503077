import type { Node, Pod } from '../../api/pod.ts';
import { migrations, nodes } from '../../api/resource.ts';
import { ApiError, isAlreadyExists, isConflict, isNotFound, isOtherObject, isRefused } from '../../kube/api-error.ts';
import type { KubeApi } from '../../kube/api.ts';
import type { EventRecorder } from '../../kube/events.ts';
import { ensureGone } from '../../kube/live.ts';
import { keyOf } from '../../kube/lookup.ts';
import type { Log } from '../../log/log.ts';
import { draftOf } from '../../migration/draft.ts';
import type { MoveStep } from '../../migration/emptying/moves.ts';
import type { Report } from '../../migration/emptying/report.ts';
import { withdrawal } from '../../migration/taking-back/withdrawal.ts';
import { annotated } from '../../trace/annotated.ts';
import { moveIn } from '../../trace/record.ts';
import type { Tracer } from '../../trace/tracer.ts';

export interface Hands {
  readonly api: Pick<KubeApi, 'create' | 'patch' | 'delete' | 'evict'>;
  readonly events: EventRecorder;
  readonly tracer: Tracer;
  readonly log: Log;
}

interface Context {
  readonly hands: Hands;
  readonly node: Node;
  readonly signal: AbortSignal;
}

/** Somebody else was faster, or the API server knows better: the move has committed, the namespace is going. */
const isOvertaken = (error: unknown): boolean =>
  [isNotFound, isConflict, isAlreadyExists, isRefused].some((is) => is(error));

/** One of that name with another UID is not what was meant, so then too. */
const isGoneAlready = (error: unknown): boolean => isNotFound(error) || isConflict(error);

const tryStep = async (step: MoveStep, { hands: { api, log, tracer }, node, signal }: Context): Promise<void> => {
  const { name } = node.metadata;
  if (step.do === 'withdraw') {
    const { migration } = step;
    const marks = tracer.mark(moveIn(migration), `takes the move back, for node ${name} is in use again`);
    await api.patch(migrations, keyOf(migration), annotated(withdrawal(migration), marks), {}, signal);
    log.info({ node: name, migration: keyOf(migration) }, 'Took migration back, for its node is in use again');
    return;
  }
  const { pod, policy, cause, instead } = step;
  if (instead) await ensureGone(api, migrations, instead, signal);
  const draft = draftOf(pod, cause, policy);
  const beginning = tracer.begin(`asks for the move, for node ${name} is to be emptied`, { trigger: cause });
  const body = annotated(draft, beginning.annotations);
  beginning.made(await api.create(migrations, draft.metadata.namespace, body, {}, signal));
  log.info({ node: name, cause, migration: draft.metadata }, 'Made migration of pod that has to leave its node');
};

export const takeStep = async (step: MoveStep, context: Context): Promise<void> => {
  const { hands, node, signal } = context;
  signal.throwIfAborted();
  try {
    await tryStep(step, context);
  } catch (error) {
    if (!isOvertaken(error)) throw error;
    hands.log.info({ error, node: node.metadata.name, step: step.do }, 'Left a migration as it is');
  }
};

/**
 * Asks the API server to end this very pod under its disruption budgets.
 * @returns why it may not be ended now; undefined when it is, or is gone.
 */
export const evict = async (pod: Pod, { hands, node, signal }: Context): Promise<string | undefined> => {
  const { api, events, log } = hands;
  const { namespace, name, uid } = pod.metadata;
  const of = { node: node.metadata.name, pod: keyOf(pod) };
  signal.throwIfAborted();
  try {
    await api.evict(keyOf(pod), uid, signal);
  } catch (error) {
    if (isGoneAlready(error)) return undefined;
    if (!(error instanceof ApiError)) throw error;
    log.info({ ...of, error }, 'Could not evict pod yet');
    return error.causes.join('; ') || error.message;
  }
  log.info(of, 'Evicted pod from decommissioned node');
  const note = `Pod ${namespace ?? 'default'}/${name} is evicted because node ${of.node} is decommissioned`;
  events.record({ apiVersion: 'v1', kind: 'Pod', namespace, name, uid }, 'Normal', 'EvictedByDecommission', note);
  return undefined;
};

/** Writes what the node's users are to read. That the node has been replaced meanwhile, or is gone, is for the next look. */
export const publish = async ({ patch, news }: Report, { hands, node, signal }: Context): Promise<void> => {
  const { api, events, log } = hands;
  const { name, uid } = node.metadata;
  try {
    await api.patch(nodes, { name }, patch, { subresource: 'status', strategic: true }, signal);
  } catch (error) {
    if (isGoneAlready(error) || isOtherObject(error)) return;
    throw error;
  }
  if (!news) return;
  events.record({ apiVersion: 'v1', kind: 'Node', name, uid }, 'Normal', news.reason, news.message);
  log.info({ node: name, ...news }, 'Decommissioned node has come further');
};
