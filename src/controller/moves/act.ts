import { apiVersion } from '../../api/group.ts';
import type { Migration } from '../../api/migration.ts';
import { migrationAnnotation } from '../../api/names.ts';
import { ipLeases, migrations, pods } from '../../api/resource.ts';
import { reach, reachAnswer } from '../../failpoint/reach.ts';
import { isAlreadyExists, isConflict, isNotFound, isRefused } from '../../kube/api-error.ts';
import { keyOf } from '../../kube/lookup.ts';
import type { Facts } from '../../migration/facts.ts';
import type { Step } from '../../migration/step.ts';
import { lostFrom } from '../../migration/target-pod/target-pod.ts';
import { moveIn } from '../../trace/record.ts';
import { traced } from '../../trace/writing.ts';
import { pointAfter, pointBefore } from './points.ts';
import type { MovePorts } from './ports.ts';

/** What the next decision should know of this one's doing. */
export type Effect = { readonly created: Facts['created'] } | undefined;

interface Context {
  readonly ports: MovePorts;
  readonly migration: Migration;
  readonly signal: AbortSignal;
}

type Doer<K extends Step['do']> = (step: Extract<Step, { do: K }>, context: Context) => Promise<Effect>;

const podKey = ({ metadata }: Migration, name: string) => ({ namespace: metadata.namespace, name });

/** Is what was to be deleted gone? A pod of that name with another UID is not what was meant, so then too. */
const isGoneAlready = (error: unknown): boolean => isNotFound(error) || isConflict(error);

const writeStatus: Doer<'writeStatus'> = async ({ patch }, { ports, migration, signal }) => {
  const status = traced(ports.tracer, migration, patch.status);
  const body = { ...patch, status };
  const written = await ports.api.patch(migrations, keyOf(migration), body, { subresource: 'status' }, signal);
  await reachAnswer(ports.points, 'controller.answer', written);
  ports.ownWrites.note(written);
  const { phase, reason } = written.status ?? {};
  ports.log.info({ migration: keyOf(migration), phase, reason }, 'Wrote status of Migration');
  return undefined;
};

const patchMigration: Doer<'patchMigration'> = async ({ patch }, { ports, migration, signal }) => {
  ports.ownWrites.note(await ports.api.patch(migrations, keyOf(migration), patch, {}, signal));
  return undefined;
};

const createLease: Doer<'createLease'> = async ({ address, tenant, madeFor }, { ports, signal }) => {
  const annotations = madeFor === '' ? {} : { [migrationAnnotation]: madeFor };
  try {
    await ports.api.create(
      ipLeases,
      undefined,
      { metadata: { name: address.ip, annotations }, spec: { ...address, ...tenant } },
      {},
      signal,
    );
  } catch (error) {
    // An agent was first. The status is not written yet, so the next round looks at whose it is.
    if (isAlreadyExists(error))
      throw new LeaseTaken(`the lease ${address.ip} has just been made by somebody else`, { cause: error });
    throw error;
  }
  return undefined;
};

/** Means: read again, decide again. */
export class LeaseTaken extends Error {
  override readonly name = 'LeaseTaken';
}

const patchLease: Doer<'patchLease'> = async ({ name, patch }, { ports, signal }) => {
  await ports.api.patch(ipLeases, { name }, patch, {}, signal);
  return undefined;
};

const deleteLease: Doer<'deleteLease'> = async ({ name, uid }, { ports, signal }) => {
  try {
    await ports.api.delete(ipLeases, { name }, { uid }, signal);
  } catch (error) {
    if (!isGoneAlready(error)) throw error;
  }
  return undefined;
};

/** What is done besides the record. */
const note = ({ ports, migration }: Context, label: string): void => {
  ports.tracer.note(moveIn(migration), label);
};

const createTarget: Doer<'createTarget'> = async ({ pod }, context) => {
  const { ports, migration, signal } = context;
  note(context, `creates the target pod ${pod.metadata.name}`);
  try {
    const created = await ports.api.create(pods, migration.metadata.namespace, pod, {}, signal);
    ports.log.info(
      { migration: keyOf(migration), pod: created.metadata.name, uid: created.metadata.uid },
      'Created target pod',
    );
    return { created: { uid: created.metadata.uid } };
  } catch (error) {
    // Made in an earlier round whose answer was lost: the next round finds it.
    if (isAlreadyExists(error)) return undefined;
    if (isRefused(error)) return { created: { refusal: error.message } };
    throw error;
  }
};

/** The API server tells what every webhook on the way would make of it, and makes nothing. */
const rehearseTarget: Doer<'rehearseTarget'> = async ({ pod }, { ports, migration, signal }) => {
  try {
    const would = await ports.api.create(pods, migration.metadata.namespace, pod, { dryRun: true }, signal);
    const lost = lostFrom(would, migration);
    if (lost.length === 0) return { created: { rehearsed: true } };
    return { created: { refusal: `tried without making it, the target pod has not got ${lost.join(', ')}` } };
  } catch (error) {
    if (isRefused(error)) return { created: { refusal: error.message } };
    throw error;
  }
};

const createAnew: Doer<'createAnew'> = async ({ pod }, context) => {
  const { ports, migration, signal } = context;
  note(context, `creates the pod ${pod.metadata.name} anew`);
  try {
    await ports.api.create(pods, migration.metadata.namespace, pod, {}, signal);
    ports.log.warn(
      { migration: keyOf(migration), pod: pod.metadata.name },
      'Created anew a pod that could not be moved',
    );
    return undefined;
  } catch (error) {
    if (isAlreadyExists(error)) return undefined;
    if (isRefused(error)) return { created: { refusal: error.message } };
    throw error;
  }
};

const patchPod: Doer<'patchPod'> = async ({ name, patch }, { ports, migration, signal }) => {
  await ports.api.patch(pods, podKey(migration, name), patch, {}, signal);
  return undefined;
};

const patchPodStatus: Doer<'patchPodStatus'> = async ({ name, patch }, { ports, migration, signal }) => {
  await ports.api.patch(pods, podKey(migration, name), patch, { subresource: 'status' }, signal);
  return undefined;
};

const notePod: Doer<'notePod'> = async ({ pod: { name, uid }, annotations }, context) => {
  const { ports, migration, signal } = context;
  note(context, `tells the pod ${name} of its move`);
  try {
    await ports.api.patch(pods, podKey(migration, name), { metadata: { uid, annotations } }, {}, signal);
  } catch (error) {
    if (!isGoneAlready(error) && !isRefused(error)) throw error;
    ports.log.warn({ error, migration: keyOf(migration), pod: name }, 'Could not tell a pod of its move');
  }
  return undefined;
};

const runHook: Doer<'runHook'> = ({ id, call, timeoutMs }, context) => {
  const { ports, migration } = context;
  note(context, `runs the hook ${id}`);
  ports.hooks.start(migration, { id, call, timeoutMs });
  return Promise.resolve(undefined);
};

const deletePod: Doer<'deletePod'> = async ({ pod }, context) => {
  const { ports, migration, signal } = context;
  note(context, `deletes the pod ${pod.name}`);
  try {
    await ports.api.delete(pods, podKey(migration, pod.name), { uid: pod.uid, gracePeriodSeconds: 0 }, signal);
    ports.log.info({ migration: keyOf(migration), pod: pod.name, uid: pod.uid }, 'Deleted pod');
  } catch (error) {
    if (!isGoneAlready(error)) throw error;
  }
  return undefined;
};

const tell: Doer<'tell'> = ({ type, reason, message, pod }, { ports, migration }) => {
  const { name, namespace, uid } = migration.metadata;
  ports.events.record({ apiVersion, kind: 'Migration', namespace, name, uid }, type, reason, message);
  if (pod) ports.events.record({ apiVersion: 'v1', kind: 'Pod', namespace, ...pod }, type, reason, message);
  return Promise.resolve(undefined);
};

const lookAgain: Doer<'lookAgain'> = () => Promise.resolve(undefined);

const doers: { readonly [K in Step['do']]: Doer<K> } = {
  writeStatus,
  patchMigration,
  createLease,
  patchLease,
  deleteLease,
  createTarget,
  rehearseTarget,
  createAnew,
  patchPod,
  notePod,
  runHook,
  patchPodStatus,
  deletePod,
  tell,
  lookAgain,
};

/** Each step goes to the doer of its own kind, which the compiler cannot see through the lookup. */
const one = (step: Step, context: Context): Promise<Effect> => (doers[step.do] as Doer<Step['do']>)(step, context);

/** The same, with the points at which tests of faults take hold. */
const pointed = async (step: Step, context: Context): Promise<Effect> => {
  const { points } = context.ports;
  const [before, after] = [pointBefore(step, context.migration), pointAfter(step, context.migration)];
  if (before) await reach(points, before, context.migration);
  const effect = await one(step, context);
  if (after) await reach(points, after, context.migration);
  return effect;
};

/** Does the steps in order. The first failure ends it, so that nothing is told that has not happened. */
export const act = async (steps: readonly Step[], context: Context): Promise<Effect> => {
  let effect: Effect;
  for (const step of steps) {
    context.signal.throwIfAborted();
    effect = (await pointed(step, context)) ?? effect;
  }
  return effect;
};
