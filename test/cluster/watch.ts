import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';
import { apiServer } from '../../lab/cluster.ts';
import { certificate, privateKey } from '../../lab/pki/authority.ts';

/** One event of a watch, and when it came. */
export interface Seen<T> {
  readonly at: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
}

export interface Watch<T> extends AsyncDisposable {
  /** Everything since it began, from what there was then on. Throws when it has broken off: something may be missing. */
  seen(): readonly Seen<T>[];
  /** The first event of which this holds, as soon as it comes or at once when it has come already. */
  first(what: string, holds: (seen: Seen<T>) => boolean): Promise<Seen<T>>;
}

const connectMs = 10_000;
const patienceMs = 60_000;
/** Longer than any test. */
const lastsSeconds = 900;

const open = async (path: string, agent: Agent): Promise<IncomingMessage> => {
  const query = `watch=true&timeoutSeconds=${String(lastsSeconds)}`;
  const asked = request(`${apiServer}${path}?${query}`, { agent }).end();
  const [response] = (await once(asked, 'response', { signal: AbortSignal.timeout(connectMs) })) as [IncomingMessage];
  // From now on the response tells of it.
  asked.on('error', () => undefined);
  if (response.statusCode === 200) return response;
  response.resume();
  throw new Error(`the API server answered a watch of ${path} with ${String(response.statusCode)}`);
};

/**
 * Watches all objects below a path, as administrator. A watch that names no
 * version begins with what there is (Kubernetes API concepts, "Get State and
 * Start at Any"), and tells of every state that an object takes from then on.
 *
 * @param path as `/api/v1/namespaces/NAME/pods`
 */
export const watch = async <T>(path: string): Promise<Watch<T>> => {
  const [ca, cert, key] = await Promise.all(
    [certificate('ca'), certificate('admin'), privateKey('admin')].map((file) => readFile(file)),
  );
  const agent = new Agent({ ca, cert, key });
  const response = await open(path, agent);
  const events: Seen<T>[] = [];
  const listeners = new Set<(seen: Seen<T>) => void>();
  let end: string | undefined;
  createInterface({ input: response })
    .on('line', (line) => {
      const { type, object } = JSON.parse(line) as { readonly type: Seen<T>['type'] | 'ERROR'; readonly object: T };
      if (type === 'ERROR') {
        end ??= JSON.stringify(object);
        return;
      }
      const seen = { at: Date.now(), type, object };
      events.push(seen);
      for (const listener of listeners) listener(seen);
    })
    .on('close', () => {
      end ??= 'the connection was closed';
    });
  response.on('error', (error) => {
    end ??= error.message;
  });
  const seen: Watch<T>['seen'] = () => {
    if (end !== undefined) throw new Error(`the watch of ${path} has ended: ${end}`);
    return events;
  };
  return {
    seen,
    async first(what, holds) {
      const past = seen().find(holds);
      if (past) return past;
      const { promise, resolve, reject } = Promise.withResolvers<Seen<T>>();
      const listener = (each: Seen<T>): void => {
        if (holds(each)) resolve(each);
      };
      const limit = setTimeout(() => {
        reject(new Error(`gave up after ${String(patienceMs / 1000)} s watching ${path} for ${what}`));
      }, patienceMs);
      listeners.add(listener);
      try {
        return await promise;
      } finally {
        clearTimeout(limit);
        listeners.delete(listener);
      }
    },
    [Symbol.asyncDispose]() {
      agent.destroy();
      response.destroy();
      return Promise.resolve();
    },
  };
};

interface Named {
  readonly metadata: { readonly uid: string };
}

/** The objects that there are, each as it was seen last. */
export const present = <T extends Named>(events: readonly Seen<T>[]): readonly T[] => {
  const objects = new Map<string, T>();
  for (const { type, object } of events) {
    if (type === 'DELETED') objects.delete(object.metadata.uid);
    else objects.set(object.metadata.uid, object);
  }
  return [...objects.values()];
};
