import { type Migration, phaseOf } from '../../api/migration.ts';
import { migrationAnnotation, movedFromAnnotation } from '../../api/names.ts';
import { isCommitted, isFinished } from '../../api/phase.ts';
import { ReasonedError } from '../../api/reasons.ts';
import { migrations, pods } from '../../api/resource.ts';
import { found } from '../../kube/live.ts';
import type { ArriveRequest } from '../doorbell/request.ts';
import { readBundle } from './bundle.ts';
import type { TargetPorts } from './ports.ts';

/** What becomes of a container that asks: it waits for its image, or it is started as any other. */
export type Arrival = { readonly verdict: 'wait'; readonly migration: Migration } | { readonly verdict: 'start' };

const recordLimitMs = 20_000;
const lookAgainMs = 50;

/**
 * Decides about an arrival from the record that carries its UID.
 * @returns `later` while the record does not name this node yet: the kubelet can be faster than the controller.
 */
export const verdictOf = (migration: Migration, here: string): Arrival | 'later' | ReasonedError => {
  const phase = phaseOf(migration);
  // The pod has arrived, and its container was started anew: an ordinary restart of the one pod that there is.
  if (isCommitted(phase)) return { verdict: 'start' };
  if (isFinished(phase))
    return new ReasonedError(
      'RendezvousUnknown',
      `Migration ${migration.metadata.name} is ${phase}: ${migration.status?.message ?? ''}`,
    );
  if (migration.status?.target?.nodeName !== here) return 'later';
  return phase === 'Preparing'
    ? { verdict: 'wait', migration }
    : new ReasonedError(
        'RendezvousUnknown',
        `Migration ${migration.metadata.name} is ${phase} and waits for no second container`,
      );
};

type AskedPorts = Pick<TargetPorts, 'api' | 'here'>;

/**
 * A record that our watch does not know: the API server itself is asked, by way
 * of the pod, so that nobody waits for a record that is gone. A moved pod
 * outlives the record of its move; then its own annotation says that it has
 * arrived.
 *
 * Rejects with RendezvousUnknown when there is no such pod or no such record.
 */
export const askedArrival = async (
  { api, here }: AskedPorts,
  { migrationUID, podUID }: { readonly migrationUID: string; readonly podUID: string },
  signal: AbortSignal,
): Promise<'start' | Migration> => {
  const { items } = await api.list(pods, { fieldSelector: `spec.nodeName=${here}` }, signal);
  const pod = items.find(({ metadata }) => metadata.uid === podUID);
  if (!pod) throw new ReasonedError('RendezvousUnknown', `Pod ${podUID} does not exist any more on node ${here}`);
  const { namespace, annotations } = pod.metadata;
  if (annotations?.[movedFromAnnotation] !== undefined) return 'start';
  const name = annotations?.[migrationAnnotation];
  const migration = name === undefined ? undefined : await found(api, migrations, { namespace, name }, signal);
  if (migration?.metadata.uid === migrationUID) return migration;
  throw new ReasonedError(
    'RendezvousUnknown',
    `There is no Migration with the UID ${migrationUID} that pod ${pod.metadata.name} belongs to`,
  );
};

/** Of an attempt that was taken back a container may come late: then another pod is the one that has moved. */
const checked = (arrival: Arrival, migration: Migration, podUID: string): Arrival => {
  if (arrival.verdict === 'wait' || migration.status?.target?.podUID === podUID) return arrival;
  throw new ReasonedError('RendezvousUnknown', `pod ${podUID} is not the one that the move has committed to`);
};

/** Waits for the record for as long as a controller that works could take. Rejects with RendezvousUnknown. */
export const arrivalOf = async (ports: TargetPorts, request: ArriveRequest, signal: AbortSignal): Promise<Arrival> => {
  const until = ports.clock.now() + recordLimitMs;
  const { podUID } = await readBundle(request.bundle);
  const { migrationUID } = request;
  for (;;) {
    const known = ports.migrations.items().find((m) => m.metadata.uid === migrationUID);
    const migration = known ?? (await askedArrival(ports, { migrationUID, podUID }, signal));
    if (migration === 'start') return { verdict: 'start' };
    const verdict = verdictOf(migration, ports.here);
    if (verdict instanceof ReasonedError) throw verdict;
    if (verdict !== 'later') return checked(verdict, migration, podUID);
    if (ports.clock.now() > until)
      throw new ReasonedError(
        'RendezvousUnknown',
        `Migration ${migration.metadata.name} has no target on node ${ports.here}`,
      );
    await ports.clock.sleep(lookAgainMs, signal);
  }
};
