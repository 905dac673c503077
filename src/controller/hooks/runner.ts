import type { Migration } from '../../api/migration.ts';
import type { Clock } from '../../clock/clock.ts';
import type { Key } from '../../kube/api.ts';
import { keyOf } from '../../kube/lookup.ts';
import type { Log } from '../../log/log.ts';
import type { HookCall } from '../../migration/hooks/call.ts';
import { dueHooks } from '../../migration/hooks/due.ts';
import { hookID, type HookReport, type HookReports } from '../../migration/hooks/report.ts';

/** What a call came to. */
export interface Ending {
  /** Why it has failed; undefined when it has not. */
  readonly failure?: string | undefined;
  /** What it said, already cut and made harmless. */
  readonly output: string;
}

/** Carries a call out. Ends soon after the signal aborts; what goes wrong is a failure, never a rejection. */
export type CarryOut = (call: HookCall, namespace: string, signal: AbortSignal) => Promise<Ending>;

export interface HookRun {
  readonly id: string;
  readonly call: HookCall;
  readonly timeoutMs: number;
}

/** Runs the hooks of moves beside the reconciler, which must not wait for them. */
export interface HookRunner {
  /** Begins it, unless it is being run already. */
  start(migration: Migration, run: HookRun): void;
  /** What is known of its hooks; what is not due any more is ended. */
  reportsOf(migration: Migration): HookReports;
  /** Nothing happens to it any more. */
  forget(migration: Migration): void;
}

export interface HookRunnerOptions {
  readonly carryOut: CarryOut;
  /** Called when a hook of this Migration has ended. */
  readonly onEnd: (key: Key) => void;
  readonly clock: Clock;
  readonly log: Log;
}

interface Running {
  report: HookReport;
  readonly abort: AbortController;
}

/** Why a call ends that nobody waits for any more. */
class NotDue extends Error {
  override readonly name = 'NotDue';
}

class Runner implements HookRunner, Disposable {
  readonly #options: HookRunnerOptions;
  readonly #runs = new Map<string, Map<string, Running>>();

  constructor(options: HookRunnerOptions) {
    this.#options = options;
  }

  start(migration: Migration, run: HookRun): void {
    const { uid } = migration.metadata;
    const runs = this.#runs.get(uid) ?? new Map<string, Running>();
    if (runs.has(run.id)) return;
    const running: Running = { report: { state: 'running' }, abort: new AbortController() };
    runs.set(run.id, running);
    this.#runs.set(uid, runs);
    void this.#carry(migration, run, running);
  }

  reportsOf(migration: Migration): HookReports {
    const runs = this.#runs.get(migration.metadata.uid);
    if (!runs) return new Map();
    const due = new Set(dueHooks(migration).map(hookID));
    for (const [id, { abort }] of runs) {
      if (due.has(id)) continue;
      abort.abort(new NotDue('the move has gone on without it'));
      runs.delete(id);
    }
    return new Map([...runs].map(([id, { report }]) => [id, report]));
  }

  forget({ metadata: { uid } }: Migration): void {
    for (const { abort } of this.#runs.get(uid)?.values() ?? []) abort.abort(new NotDue('the move is over'));
    this.#runs.delete(uid);
  }

  [Symbol.dispose](): void {
    for (const runs of this.#runs.values())
      for (const { abort } of runs.values()) abort.abort(new NotDue('this controller does not lead any more'));
    this.#runs.clear();
  }

  async #carry(migration: Migration, { id, call, timeoutMs }: HookRun, running: Running): Promise<void> {
    const { carryOut, onEnd, clock, log } = this.#options;
    const key = keyOf(migration);
    const begun = clock.elapsed();
    log.info({ migration: key, hook: id, by: call.by }, 'Runs hook');
    const { failure, output } = await this.#within(timeoutMs, running.abort.signal, (signal) =>
      carryOut(call, migration.metadata.namespace ?? 'default', signal),
    );
    const ms = clock.elapsed() - begun;
    if (running.abort.signal.aborted) return;
    log.info({ migration: key, hook: id, ms, failure }, 'Ran hook');
    running.report = { state: 'ended', failure, output, ms };
    onEnd(key);
  }

  /** The timeout is kept whatever the call does about its signal. */
  async #within(
    timeoutMs: number,
    ended: AbortSignal,
    call: (signal: AbortSignal) => Promise<Ending>,
  ): Promise<Ending> {
    const timeout = new AbortController();
    const done = new AbortController();
    const tooLong: Ending = { failure: `it did not end within ${timeoutMs / 1000} s`, output: '' };
    const late = this.#options.clock.sleep(timeoutMs, AbortSignal.any([ended, done.signal])).then(
      () => tooLong,
      () => tooLong,
    );
    void late.then(() => {
      timeout.abort(new Error('timeout'));
    });
    try {
      return await Promise.race([call(AbortSignal.any([ended, timeout.signal])), late]);
    } catch (error) {
      return { failure: error instanceof Error ? error.message : String(error), output: '' };
    } finally {
      done.abort();
    }
  }
}

/** Dispose it when another process leads: what is under way is ended, and run anew by whoever comes after. */
export const createHookRunner = (options: HookRunnerOptions): HookRunner & Disposable => new Runner(options);
