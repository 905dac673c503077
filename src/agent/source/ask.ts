import { attemptOf, type Migration, phaseOf, type Timings } from '../../api/migration.ts';
import { isCommitted } from '../../api/phase.ts';
import { askedBack } from '../../migration/taking-back/asked-back.ts';
import { isNotFound, isRefused } from '../../kube/api-error.ts';
import { markAsked } from './journal.ts';
import type { SourcePorts } from './ports.ts';

const answerLimitMs = 5_000;

/**
 * What came of asking for the commit:
 *
 *   committed   the record says so
 *   closed      the attempt was ended by somebody else
 *   refused     the API server will not write it, and has not: nothing is in doubt
 *   withdrawn   somebody asked for the move to be taken back since it was asked: what was sent finds another version of
 *               the record, and so is never written
 *   gone        there is no record any more, and nobody knows what it said last
 *   unknown     no answer, or another state than the one that was asked about: the record has to be read
 */
export type Answer =
  | { readonly answer: 'committed' | 'closed' | 'withdrawn'; readonly record: Migration }
  | { readonly answer: 'refused'; readonly error: Error }
  | { readonly answer: 'gone' }
  | { readonly answer: 'unknown'; readonly error: unknown };

/** Notes down, before it returns, that the commit of this Migration may have been sent. */
type Mark = (migrationUID: string) => void;

export interface Held {
  readonly timings: Timings;
  readonly imageBytes: number;
}

/**
 * The commit: one compare-and-swap that decides which side lives. From the
 * moment in which it is sent nobody may thaw the source before the record has
 * been read, so a mark is set first.
 */
export const ask = async (
  { record }: Pick<SourcePorts, 'record'>,
  migration: Migration,
  held: Held,
  mark: Mark = markAsked,
): Promise<Answer> => {
  mark(migration.metadata.uid);
  const { namespace = '' } = migration.metadata;
  const message = `Pod ${namespace}/${migration.status?.target?.podName ?? ''} holds the image and is the pod from now on`;
  const fields = { timings: { ...migration.status?.timings, ...held.timings }, imageBytes: held.imageBytes };
  try {
    const change = { to: 'Committed', reason: 'Committed', message, fields } as const;
    return {
      answer: 'committed',
      record: await record.transition(migration, change, AbortSignal.timeout(answerLimitMs)),
    };
  } catch (error) {
    return isRefused(error) || isNotFound(error) ? { answer: 'refused', error } : { answer: 'unknown', error };
  }
};

/** What the record says now; where it is still open it is asked for once more. */
export const askAgain = async (
  ports: Pick<SourcePorts, 'record'>,
  migration: Migration,
  held: Held,
  mark: Mark = markAsked,
): Promise<Answer> => {
  try {
    const now = await ports.record.read(migration, AbortSignal.timeout(answerLimitMs));
    if (isCommitted(phaseOf(now))) return { answer: 'committed', record: now };
    if (phaseOf(now) !== 'Moving' || attemptOf(now) !== attemptOf(migration)) return { answer: 'closed', record: now };
    if (askedBack(now) !== undefined) return { answer: 'withdrawn', record: now };
    const answer = await ask(ports, now, held, mark);
    // Refused now says nothing of what was sent before.
    return answer.answer === 'refused' ? { answer: 'unknown', error: answer.error } : answer;
  } catch (error) {
    return isNotFound(error) ? { answer: 'gone' } : { answer: 'unknown', error };
  }
};
