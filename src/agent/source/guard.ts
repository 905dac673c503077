import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ReasonedError } from '../../api/reasons.ts';
import type { Clock } from '../../clock/clock.ts';
import { readComplaints } from '../checkpoint/dump.ts';
import type { Freezer } from '../checkpoint/freezer.ts';
import { CommandError, outcomeOf, start } from '../host/command.ts';

export interface GuardOptions {
  /** How `node/transship-guard` is called on the host. */
  readonly script: readonly string[];
  /** What the files of the move in the journal begin with. */
  readonly journal: string;
  /** What its own files there begin with. */
  readonly mark: string;
  readonly thawing: Freezer['thawing'];
  /** Path of the pod's network namespace. */
  readonly network: string;
  readonly ip: string;
  /** The node's end of its link. */
  readonly hostVeth: string;
  /** The command that dumps the source. */
  readonly dump: readonly string[];
  /** Folder of CRIU's logs. */
  readonly logs: string;
}

/**
 * Starts the dump of one container, and thaws it should this process die before the move is over. It lives outside of the
 * agent's container, which a runtime kills with all that it has started.
 *
 * Its pipe takes each word at once (libuv tries write(2) before it queues), so that what was said counts even if this
 * process is killed in the next instant.
 */
export interface Guard {
  /**
   * From now on the source is thawed, and its door opened, if this process dies. Throws when the guard, or the dump before
   * its gate, has ended.
   */
  arm(): void;
  /** Opens the gate before CRIU; resolves with what the command said, rejects with DumpFailed. */
  go(): Promise<string>;
  /** Ends a dump that hangs. */
  kill(): void;
  /** There is nothing left to guard: ends it, and a dump that still runs. */
  dismiss(): Promise<void>;
}

const readyLimitMs = 10_000;
const dismissLimitMs = 2_000;

const sayings = (stdout: NodeJS.ReadableStream) => {
  const ready = Promise.withResolvers<undefined>();
  const dumped = Promise.withResolvers<number>();
  createInterface({ input: stdout }).on('line', (line) => {
    if (line === 'ready') ready.resolve(undefined);
    const code = /^ended (\d+)$/.exec(line)?.[1];
    if (code !== undefined) dumped.resolve(Number(code));
  });
  for (const { promise } of [ready, dumped]) promise.catch(() => undefined); // whoever awaits it is told
  return { ready, dumped };
};

const dumpFailed = async (logs: string, cause: Error): Promise<ReasonedError> =>
  new ReasonedError('DumpFailed', (await readComplaints(join(logs, 'dump.log'))) || cause.message, { cause });

/** It has come no further than the gate, where the pod still runs. */
const endedEarly = (output: string): ReasonedError => {
  const said = readFileSync(output, 'utf8').trim().split('\n').at(-1) ?? '';
  return new ReasonedError('DumpFailed', `runc checkpoint ended before the freeze${said && `: ${said}`}`);
};

/**
 * Resolves when the guard has left the cgroups of the agent and listens. It is to be dismissed.
 * @param signal aborts the wait for it
 */
export const openGuard = async (options: GuardOptions, signal: AbortSignal): Promise<Guard> => {
  const { script, journal, mark, thawing, network, ip, hostVeth, dump, logs } = options;
  const output = join(logs, 'dump.out');
  const command = [...script, journal, mark, thawing.path, thawing.word, network, ip, hostVeth, output, ...dump];
  const child = start(command);
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error('The guard was started without pipes');
  const { ready, dumped } = sayings(stdout);
  let isDumpOver = false;
  dumped.promise.finally(() => (isDumpOver = true)).catch(() => undefined); // whoever awaits it is told
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const fail = (error: Error): void => {
    ready.reject(error);
    dumped.reject(error);
  };
  outcomeOf(child).then((outcome) => fail(new CommandError(script, outcome)), fail);
  /** It takes nothing back then, and leaves only its mark in the journal. */
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await rm(`${mark}.guard`, { force: true });
  };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(readyLimitMs)]);
  const abort = (): void => ready.reject(limit.reason as Error);
  limit.addEventListener('abort', abort, { once: true });
  if (limit.aborted) abort();
  try {
    await ready.promise;
  } catch (error) {
    await end();
    throw error;
  } finally {
    limit.removeEventListener('abort', abort);
  }

  return {
    arm() {
      if (hasEnded()) throw new Error('The guard of the source has ended before the freeze');
      if (isDumpOver) throw endedEarly(output);
      stdin.write('freeze\n');
    },
    async go() {
      stdin.write('go\n');
      const code = await dumped.promise.catch(async (error: unknown) => {
        throw await dumpFailed(logs, error as Error);
      });
      const said = await readFile(output, 'utf8');
      if (code === 0) return said;
      throw await dumpFailed(logs, new CommandError(dump, { code, stdout: '', stderr: said }));
    },
    kill() {
      stdin.write('kill\n');
    },
    async dismiss() {
      if (hasEnded()) return;
      stdin.end('over\n');
      try {
        await once(child, 'exit', { signal: AbortSignal.timeout(dismissLimitMs) });
      } catch {
        await end();
      }
    },
  };
};

const goneLimitMs = 15_000;
const lookAgainMs = 50;

const isGuard = async (pid: string): Promise<boolean> =>
  (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes('transship-guard');

/**
 * Waits for the guard of an agent that has died to have done its work: it may be waiting for CRIU, which must not have
 * the source thawed under it.
 */
export const guardGone = async (mark: string, clock: Clock, signal: AbortSignal): Promise<void> => {
  const pid = await readFile(`${mark}.guard`, 'utf8').catch(() => undefined); // there is none
  if (pid === undefined) return;
  for (let waited = 0; waited < goneLimitMs && (await isGuard(pid.trim())); waited += lookAgainMs)
    await clock.sleep(lookAgainMs, signal);
  await rm(`${mark}.guard`, { force: true });
};
