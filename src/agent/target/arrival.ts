import { type Migration, phaseOf } from '../../api/migration.ts';
import { movedFromAnnotation } from '../../api/names.ts';
import { isCommitted, isFinished } from '../../api/phase.ts';
import { ReasonedError } from '../../api/reasons.ts';
import { pods } from '../../api/resource.ts';
import type { ArriveRequest } from '../doorbell/request.ts';
import { readBundle } from './bundle.ts';
import type { TargetPorts } from './ports.ts';

/** What becomes of a container that asks: it waits for its image, or it is started as any other. */
export type Arrival = { readonly verdict: 'wait'; readonly migration: Migration } | { readonly verdict: 'start' };

const recordLimitMs = 20_000;
const lookAgainMs = 50;

/**
 * Decides about an arrival from the record that carries its UID.
 * @returns undefined while the record does not name this node yet: the kubelet can be faster than the controller.
 */
export const verdictOf = (migration: Migration | undefined, here: string): Arrival | 'later' | ReasonedError => {
  if (!migration) return 'later';
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

/** A moved pod outlives the record of its move; then its own annotation says that it has arrived. */
const hasArrivedBefore = async (ports: TargetPorts, request: ArriveRequest): Promise<boolean> => {
  const { podUID } = await readBundle(request.bundle);
  const { items } = await ports.api.list(pods, { fieldSelector: `spec.nodeName=${ports.here}` });
  return items.some((p) => p.metadata.uid === podUID && p.metadata.annotations?.[movedFromAnnotation] !== undefined);
};

/** Of an attempt that was taken back a container may come late: then another pod is the one that has moved. */
const checked = async (
  arrival: Arrival,
  migration: Migration | undefined,
  request: ArriveRequest,
): Promise<Arrival> => {
  const { podUID } = await readBundle(request.bundle);
  if (arrival.verdict === 'wait' || migration?.status?.target?.podUID === podUID) return arrival;
  throw new ReasonedError('RendezvousUnknown', `pod ${podUID} is not the one that the move has committed to`);
};

/** Waits for the record for as long as a controller that works could take. Rejects with RendezvousUnknown. */
export const arrivalOf = async (ports: TargetPorts, request: ArriveRequest, signal: AbortSignal): Promise<Arrival> => {
  const until = ports.clock.now() + recordLimitMs;
  for (;;) {
    const migration = ports.migrations.items().find((m) => m.metadata.uid === request.migrationUID);
    const verdict = verdictOf(migration, ports.here);
    if (verdict instanceof ReasonedError) throw verdict;
    if (verdict !== 'later') return await checked(verdict, migration, request);
    if (!migration && (await hasArrivedBefore(ports, request))) return { verdict: 'start' };
    if (ports.clock.now() > until)
      throw new ReasonedError(
        'RendezvousUnknown',
        `No Migration with the UID ${request.migrationUID} has a target on node ${ports.here}`,
      );
    await ports.clock.sleep(lookAgainMs, signal);
  }
};
