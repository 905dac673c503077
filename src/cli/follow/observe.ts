import type { KubeObject } from '../../api/metadata.ts';
import type { Resource } from '../../api/resource.ts';
import type { Selection } from '../../kube/api.ts';
import { Reflector } from '../../kube/reflector.ts';
import type { Log } from '../../log/log.ts';
import type { Session } from '../session.ts';
import type { Terminal } from '../terminal.ts';

const nothing = (): void => undefined;

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A person has to know that what stands on the screen may be old. */
const tellingOf = (terminal: Terminal): Log => {
  const log: Log = {
    debug: nothing,
    info: nothing,
    warn: ({ error, waitMs }) => {
      terminal.err(`Warning: lost sight of the cluster, looking again in ${String(waitMs)} ms: ${textOf(error)}`);
    },
    error: ({ error }, message) => {
      terminal.err(`Warning: ${message}: ${textOf(error)}`);
    },
    child: () => log,
  };
  return log;
};

/** Resolves at the next change or after `everyMs`, whichever is first; rejects when the signal aborts. */
const either = async (changed: Promise<undefined>, everyMs: number, { clock, signal }: Session): Promise<void> => {
  const enough = new AbortController();
  const timer = clock.sleep(everyMs, AbortSignal.any([signal, enough.signal])).catch((error: unknown) => {
    if (signal.aborted) throw error;
  });
  try {
    await Promise.race([changed, timer]);
  } finally {
    enough.abort();
  }
};

/**
 * The objects of a selection as they are now, then again at every change, and at
 * least each `everyMs`: what is shown beside them grows older. It ends when its
 * reader leaves it, and throws the reason when the session's signal aborts. A
 * right that is missing, or a cluster that is not there, is thrown at once; later
 * trouble is told and tried again.
 */
export async function* observe<T extends KubeObject>(
  resource: Resource<T>,
  { selection, everyMs }: { readonly selection: Selection; readonly everyMs: number },
  session: Session,
): AsyncGenerator<readonly T[]> {
  const { api, clock, random, terminal, signal } = session;
  await api.list(resource, { ...selection, limit: 1 }, signal);
  const left = new AbortController();
  const reflector = new Reflector({ api, resource, selection, clock, random, log: tellingOf(terminal) });
  let change = Promise.withResolvers<undefined>();
  reflector.onChange(() => {
    change.resolve(undefined);
  });
  const running = reflector.run(AbortSignal.any([signal, left.signal]));
  try {
    await reflector.synced(signal);
    for (;;) {
      change = Promise.withResolvers<undefined>();
      yield reflector.items();
      signal.throwIfAborted();
      await either(change.promise, everyMs, session);
    }
  } finally {
    left.abort();
    await running;
  }
}
