import { z } from 'zod';
import { isProcessName } from './process-name.ts';
import { clockFrom, countOf, type VectorClock } from './vector-clock.ts';

export type Details = Readonly<Record<string, string | number | boolean>>;

/** One event of one move, as it stands in a log. */
export interface TraceEvent {
  /** UID of the Migration. */
  readonly migration: string;
  /** The process in which it happened, as `agent-n1@3f2a91c4`; its own entry of the clock numbers it. */
  readonly actor: string;
  readonly clock: VectorClock;
  /** What the actor does, in the present tense. */
  readonly label: string;
  /** By the clock of its machine, in ISO 8601. */
  readonly time: string;
  readonly fields?: Details | undefined;
}

const longestLabel = 500;

const event = z
  .object({
    migration: z.string(),
    actor: z.string().refine(isProcessName),
    clock: z.unknown().transform(clockFrom),
    label: z.string().transform((label) => label.slice(0, longestLabel)),
    time: z.iso.datetime(),
    fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  })
  .refine(({ actor, clock }) => countOf(clock, actor) > 0);

/** Its number among those of its process, from 1. */
export const numberOf = ({ actor, clock }: TraceEvent): number => countOf(clock, actor);

/** Undefined when it is none. */
const readEvent = (value: unknown): TraceEvent | undefined => event.safeParse(value).data;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a line that was cut off, or is of another program
  }
};

/** The event of this move that a line of a log, or an annotation, holds, if it holds one. */
export const eventIn = (text: string, migrationUID: string): TraceEvent | undefined => {
  if (!text.includes(migrationUID) || !text.includes('"trace"')) return undefined;
  const line = parsed(text);
  const found = typeof line === 'object' && line !== null && 'trace' in line ? readEvent(line.trace) : undefined;
  return found?.migration === migrationUID ? found : undefined;
};

/** Whoever may edit a Migration can write one; who makes or cancels one has had no more events than this before. */
const mostBefore = 100;

/** The event in an annotation, which was written, perhaps, before its Migration had a UID. */
export const annotatedEventIn = (text: string, migrationUID: string): TraceEvent | undefined => {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null) return undefined;
  const found = readEvent({ ...value, migration: migrationUID });
  return found && numberOf(found) <= mostBefore ? found : undefined;
};
