import { apiVersion } from '../api/group.ts';
import type { Migration } from '../api/migration.ts';
import type { Phase } from '../api/phase.ts';
import { isReason, type Reason } from '../api/reasons.ts';
import type { Key } from '../kube/api.ts';
import type { EventRecorder } from '../kube/events.ts';
import { keyText } from '../kube/lookup.ts';
import { mayBeFrozen, type MoveStep, stepsOf, verdictAt } from './steps.ts';

/*
 * Steps of a move as Kubernetes Events on its pod and its Migration, where
 * `kubectl describe` shows them. The first and the last one are told by whoever
 * decides them (src/migration/phases), with all that is known then.
 */

interface Telling {
  readonly type: 'Normal' | 'Warning';
  readonly reason: Reason;
  readonly message: string;
}

const namesOf = ({ status }: Migration) => ({
  from: status?.source?.nodeName ?? '',
  to: status?.target?.nodeName ?? '',
  target: status?.target?.podName ?? '',
});

const tellings: Partial<Record<Phase, (migration: Migration, step: MoveStep) => Telling>> = {
  Inspecting: (_migration, { attempt }) => ({
    type: 'Normal',
    reason: 'Accepted',
    message: `Attempt ${attempt} to move the pod begins`,
  }),
  Preparing: (migration) => ({
    type: 'Normal',
    reason: 'TargetCreated',
    message: `The target pod ${namesOf(migration).target} is created`,
  }),
  Arrived: (migration) => ({
    type: 'Normal',
    reason: 'TargetArrived',
    message: `The target pod ${namesOf(migration).target} waits for the image on node ${namesOf(migration).to}`,
  }),
  Moving: (migration) => ({
    type: 'Normal',
    reason: 'Moving',
    message: `The pod was about to be frozen and moved from node ${namesOf(migration).from} to node ${namesOf(migration).to}`,
  }),
  Committed: (migration) => ({
    type: 'Normal',
    reason: 'Committed',
    message: `From now on the pod is ${namesOf(migration).target} on node ${namesOf(migration).to}`,
  }),
  Retrying: (migration, step) => {
    const { reason, message = 'the attempt was taken back' } = verdictAt(migration, step);
    return {
      type: 'Warning',
      reason: isReason(reason) ? reason : 'InspectionFailed',
      message: `Attempt ${step.attempt} was taken back, and the pod runs on: ${message}`,
    };
  },
};

/** That a move has begun at all is told by whoever accepts it. */
const isToldElsewhere = ({ phase, attempt }: MoveStep): boolean => phase === 'Inspecting' && attempt === 1;

const podsOf = ({ spec, status }: Migration, { phase }: MoveStep) => {
  const { source, target } = status ?? {};
  const [before, after] = [
    source && { name: spec.podName, uid: source.podUID },
    target?.podUID !== undefined ? { name: target.podName, uid: target.podUID } : undefined,
  ];
  return (phase === 'Committed' ? [after] : [before]).filter((pod) => pod !== undefined);
};

/**
 * Tells each step once while this process lives. What happened before it is not
 * told again: an event is a courtesy, the status is the record.
 */
export class StepTeller {
  readonly #events: EventRecorder;
  readonly #told = new Map<string, { readonly uid: string; count: number }>();

  constructor(events: EventRecorder) {
    this.#events = events;
  }

  /** What these records say is known already. */
  begin(known: readonly { readonly key: Key; readonly migration: Migration }[]): void {
    this.#told.clear();
    for (const { key, migration } of known)
      this.#told.set(keyText(key), { uid: migration.metadata.uid, count: stepsOf(migration).length });
  }

  hear(key: Key, migration: Migration | undefined): void {
    const text = keyText(key);
    if (!migration) {
      this.#told.delete(text);
      return;
    }
    if (mayBeFrozen(migration)) return;
    const known = this.#told.get(text);
    const count = known?.uid === migration.metadata.uid ? known.count : 0;
    const steps = stepsOf(migration);
    this.#told.set(text, { uid: migration.metadata.uid, count: steps.length });
    for (const step of steps.slice(count)) this.#tell(migration, step);
  }

  #tell(migration: Migration, step: MoveStep): void {
    const telling = isToldElsewhere(step) ? undefined : tellings[step.phase]?.(migration, step);
    if (!telling) return;
    const { type, reason, message } = telling;
    const { namespace, name, uid } = migration.metadata;
    this.#events.record({ apiVersion, kind: 'Migration', namespace, name, uid }, type, reason, message);
    for (const pod of podsOf(migration, step))
      this.#events.record({ apiVersion: 'v1', kind: 'Pod', namespace, ...pod }, type, reason, message);
  }
}
