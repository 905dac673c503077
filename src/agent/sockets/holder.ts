import { createInterface } from 'node:readline';
import { ReasonedError } from '../../api/reasons.ts';
import { onHost } from '../host/paths.ts';
import { outcomeOf, start } from '../host/command.ts';

/** Pairs that were made, and who has them. */
export interface Held {
  readonly pid: number;
  /** Of each end, in their order. */
  readonly descriptors: readonly number[];
}

/** A process that makes connected sockets for a pod that is about to be restored, and has them until they are taken. */
export interface Holder {
  /** Rejects with RestoreFailed. */
  make(orders: readonly string[], signal: AbortSignal): Promise<Held>;
  /** Whoever has not taken an end by now gets none. */
  close(): void;
}

/**
 * Starts it in the pod's network: a later dump looks for its sockets there.
 * @param network path of the pod's network namespace on the host
 * @param program ends.pl, in this container
 */
export const openHolder = (network: string, program: string): Holder => {
  const child = start(['nsenter', `--net=${onHost(network)}`, '--', '/usr/bin/perl', program, 'hold']);
  const held = Promise.withResolvers<Held>();
  held.promise.catch(() => undefined); // whoever asks is told
  const fail = (why: string): void =>
    held.reject(
      new ReasonedError('RestoreFailed', `the connections between the containers could not be made anew: ${why}`),
    );
  outcomeOf(child).then(
    ({ stderr }) => fail(stderr.trim() || 'the process that makes them has ended'),
    (error: unknown) => fail((error as Error).message),
  );
  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [word, ...descriptors] = line.split(' ');
      if (word === 'holds') held.resolve({ pid: child.pid ?? 0, descriptors: descriptors.map(Number) });
    });
  return {
    async make(orders, signal) {
      const abort = (): void => held.reject(signal.reason as Error);
      signal.throwIfAborted();
      signal.addEventListener('abort', abort, { once: true });
      child.stdin?.write(orders.map((order) => `${order}\n`).join(''));
      try {
        return await held.promise;
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
    close() {
      child.kill('SIGKILL');
    },
  };
};
