import type { Eviction, ResponderStatus } from '../../api/eviction.ts';
import { evictionResponder } from '../../api/names.ts';
import { timestamp } from '../../clock/clock.ts';
import type { Answer } from './answer.ts';

/*
 * What a responder writes of itself. The API server takes a time that is to be
 * the present one when it is within 30 s of its own and not before the start,
 * which somebody else has written (kubernetes pkg/apis/lifecycle/validation).
 */

/** Silence of 20 minutes counts as failure; KEP-4563 suggests a heartbeat every 3. */
const usualMs = 180_000;

/** No more often than every 20 s (lifecycle/v1alpha1 types.go). Times are cut off to whole seconds, so one more. */
const shortestMs = 21_000;

/** In characters. */
const longestMessage = 4_000;

export interface Report {
  readonly eviction: Eviction;
  readonly said: Partial<ResponderStatus>;
}

const timeOf = (time: string | undefined): number => Date.parse(time ?? '') || 0;

const cut = (message: string): string =>
  message.length > longestMessage ? `${message.slice(0, longestMessage - 1)}…` : message;

/** When the next heartbeat is due: at once when there was none, soon when there is something new to say. */
export const heartbeatDue = (before: ResponderStatus, { message }: Answer): number => {
  if (before.heartbeatTime === undefined) return 0;
  const isNews = before.message !== cut(message);
  return timeOf(before.heartbeatTime) + (isNews ? shortestMs : usualMs);
};

/** What there is to write now; undefined when the last heartbeat will do. */
export const saidNow = (before: ResponderStatus, answer: Answer, now: number): Report['said'] | undefined => {
  const present = Math.max(now, timeOf(before.startTime));
  const message = cut(answer.message);
  if (answer.is === 'done') return { completionTime: timestamp(present), message };
  if (now < heartbeatDue(before, answer)) return undefined;
  return {
    heartbeatTime: timestamp(present),
    message,
    // A time that has passed would be refused.
    ...(answer.expected !== undefined && { expectedCompletionTime: timestamp(Math.max(answer.expected, present)) }),
  };
};

/** Goes through only when nobody has written since: it may have ceased to be our turn. */
export const patchOf = ({ eviction: { metadata, status }, said }: Report): object => ({
  metadata: { resourceVersion: metadata.resourceVersion },
  status: {
    responders: status?.responders?.map((each) => (each.name === evictionResponder ? { ...each, ...said } : each)),
  },
});
