import { evictions, migrations } from '../../api/resource.ts';
import type { Clock } from '../../clock/clock.ts';
import { isAlreadyExists, isConflict, isNotFound, isRefused } from '../../kube/api-error.ts';
import type { Key, KubeApi } from '../../kube/api.ts';
import { ensureGone } from '../../kube/live.ts';
import { keyOf } from '../../kube/lookup.ts';
import type { Outcome, Reconcile } from '../../kube/queue.ts';
import type { Log } from '../../log/log.ts';
import { draftOf } from '../../migration/draft.ts';
import { withdrawal } from '../../migration/taking-back/withdrawal.ts';
import { annotated } from '../../trace/annotated.ts';
import { moveIn } from '../../trace/record.ts';
import type { Tracer } from '../../trace/tracer.ts';
import { decideResponse, type ResponseStep } from './decide.ts';
import type { ResponseFacts } from './facts.ts';
import { gather, type KnownOfEvictions } from './gather.ts';
import { patchOf } from './report.ts';

export interface ResponsePorts extends KnownOfEvictions {
  readonly api: Pick<KubeApi, 'create' | 'patch' | 'delete'>;
  readonly clock: Clock;
  readonly tracer: Tracer;
  readonly log: Log;
}

/** Until the caches show what was faster than we, or a Migration that had to go is gone. */
const lookAgainMs = 1_000;

/** What came of one step: done, or somebody else was faster, or the API server will not have it. */
type Result = 'done' | 'overtaken' | { readonly refusal: string };

const take = async (step: ResponseStep, { api, log, tracer }: ResponsePorts, signal: AbortSignal): Promise<void> => {
  if (step.do === 'report') {
    const { eviction, said } = step;
    await api.patch(evictions, keyOf(eviction), patchOf(step), { subresource: 'status' }, signal);
    log.info({ eviction: keyOf(eviction), ...said }, 'Reported to eviction');
    return;
  }
  if (step.do === 'withdraw') {
    const marks = tracer.mark(moveIn(step.migration), 'takes the move back, for its eviction is not ours any more');
    await api.patch(migrations, keyOf(step.migration), annotated(withdrawal(step.migration), marks), {}, signal);
    log.info({ migration: keyOf(step.migration) }, 'Took migration back, for its eviction is not ours any more');
    return;
  }
  const { pod, policy, instead } = step;
  if (instead) await ensureGone(api, migrations, instead, signal);
  const draft = draftOf(pod, 'EvictionRequest', policy);
  const beginning = tracer.begin('asks for the move, for an eviction was requested');
  const body = annotated(draft, beginning.annotations);
  beginning.made(await api.create(migrations, draft.metadata.namespace, body, {}, signal));
  log.info({ pod: keyOf(pod), migration: draft.metadata }, 'Turned eviction request into migration');
};

const isOvertaken = (error: unknown): boolean => [isNotFound, isConflict, isAlreadyExists].some((is) => is(error));

const attempt = async (step: ResponseStep, ports: ResponsePorts, signal: AbortSignal): Promise<Result> => {
  signal.throwIfAborted();
  try {
    await take(step, ports, signal);
    return 'done';
  } catch (error) {
    // What a report is refused for stands in its message: a clock that is wrong, a right that is missing.
    if (!isOvertaken(error) && (step.do === 'report' || !isRefused(error))) throw error;
    ports.log.info({ error, step: step.do }, 'Could not respond to eviction as it was');
    return isRefused(error) ? { refusal: error.message } : 'overtaken';
  }
};

const respond = async (facts: ResponseFacts, ports: ResponsePorts, signal: AbortSignal): Promise<Outcome> => {
  const { steps, lookAgainAt } = decideResponse(facts);
  let afterMs = lookAgainAt === undefined ? undefined : Math.max(0, lookAgainAt - facts.now);
  for (const step of steps) {
    const result = await attempt(step, ports, signal);
    // With the refusal among its facts it asks for no move again.
    if (step.do === 'move' && typeof result === 'object')
      return respond({ ...facts, refusal: result.refusal }, ports, signal);
    if (result !== 'done') afterMs = lookAgainMs;
  }
  return { afterMs };
};

/** Responds to the Evictions of one pod; its key is that of {@link import('./gather.ts').keyOfPod}. */
export const responding =
  (ports: ResponsePorts): Reconcile =>
  async (key: Key, signal: AbortSignal): Promise<Outcome> => {
    const facts = gather(ports, key);
    return facts && respond(facts, ports, signal);
  };
