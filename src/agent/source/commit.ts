import type { Migration, Timings } from '../../api/migration.ts';
import { phaseOf } from '../../api/migration.ts';
import { isCommitted, isFinished } from '../../api/phase.ts';
import { ReasonedError } from '../../api/reasons.ts';
import type { Clock } from '../../clock/clock.ts';
import { isRefused } from '../../kube/api-error.ts';
import type { Log } from '../../log/log.ts';
import type { Record } from '../record.ts';

export interface CommitPorts {
  readonly record: Record;
  readonly clock: Clock;
  readonly log: Log;
}

const askAgainMs = 250;
const answerLimitMs = 5_000;

/** The process ends while nobody knows which side lives. The source must stay frozen; the next process asks again. */
export class InDoubt extends Error {
  override readonly name = 'InDoubt';
}

/** One look at the record, and one more try when it is still open. Undefined: still in doubt. */
const ask = async ({ record, log }: CommitPorts, migration: Migration): Promise<Migration | undefined> => {
  const limit = () => AbortSignal.timeout(answerLimitMs);
  const undecided = (error: unknown): undefined => {
    log.warn({ error }, 'Could not learn whether a move has committed');
  };
  const now = await record.read(migration, limit()).catch(undecided);
  if (!now) return undefined;
  const phase = phaseOf(now);
  if (isCommitted(phase)) return now;
  if (isFinished(phase))
    throw new ReasonedError(
      'CommitRefused',
      `Migration ${now.metadata.name} is ${phase}: ${now.status?.message ?? ''}`,
    );
  return record.transition(now, committed(now, {}, 0), limit()).catch(undecided);
};

/**
 * In doubt: the patch was sent and its answer is missing, or somebody else wrote
 * in between. The source stays frozen, and the record is asked until it says
 * which side lives. The signal is that of the process: a restarted agent asks
 * the same question again.
 */
const settleDoubt = async (ports: CommitPorts, migration: Migration, signal: AbortSignal): Promise<Migration> => {
  for (;;) {
    const decided = await ask(ports, migration);
    if (decided) return decided;
    await ports.clock.sleep(askAgainMs, signal).catch((error: unknown) => {
      throw new InDoubt('The agent stopped before it knew whether the move had committed', { cause: error });
    });
  }
};

const committed = (migration: Migration, timings: Timings, imageBytes: number) => ({
  to: 'Committed' as const,
  finding: {
    reason: 'Committed' as const,
    message: `Pod ${migration.metadata.namespace ?? ''}/${migration.status?.target?.podName ?? ''} holds the image and is the pod from now on`,
  },
  change: { timings: { ...migration.status?.timings, ...timings }, ...(imageBytes > 0 && { imageBytes }) },
});

/**
 * The commit: one compare-and-swap that decides which side lives.
 *
 * @returns the committed record.
 * @throws CommitRefused when the other side of a race was first: then the source may be thawed.
 * @throws InDoubt when the process ends first: then it may not.
 */
export const commit = async (
  ports: CommitPorts,
  migration: Migration,
  held: { readonly timings: Timings; readonly imageBytes: number },
  signal: AbortSignal,
): Promise<Migration> => {
  try {
    return await ports.record.transition(
      migration,
      committed(migration, held.timings, held.imageBytes),
      AbortSignal.timeout(answerLimitMs),
    );
  } catch (error) {
    if (isRefused(error)) throw error; // nothing was written, and never will be
    ports.log.warn({ error }, 'The commit of a move was not confirmed at once');
    return settleDoubt(ports, migration, signal);
  }
};
