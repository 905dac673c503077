import type { Migration } from '../api/migration.ts';
import { traceAnnotations } from '../api/names.ts';
import { annotatedEventIn, type TraceEvent } from './event.ts';
import { clockFrom, hear, type VectorClock } from './vector-clock.ts';

/** Of who writes more than this into one Migration nobody wants to know. */
const mostAnnotations = 16;

type Traced = Pick<Migration, 'metadata' | 'status'>;

/** The move, and what its record knows of its events. */
export interface Move {
  readonly uid: string;
  readonly clock: VectorClock;
}

/** Those that made the Migration or changed what is asked for, as they have written down in it. */
export const eventsIn = ({ metadata }: Traced): readonly TraceEvent[] =>
  Object.entries(metadata.annotations ?? {})
    .filter(([name]) => name.startsWith(traceAnnotations))
    .slice(0, mostAnnotations)
    .flatMap(([, text]) => annotatedEventIn(text, metadata.uid) ?? []);

const isNobody = (): boolean => false;

export const moveIn = (migration: Traced): Move => ({
  uid: migration.metadata.uid,
  clock: eventsIn(migration).reduce(
    (known, { clock }) => hear(known, clock, isNobody),
    clockFrom(migration.status?.trace),
  ),
});
