import type { Eviction } from '../../api/eviction.ts';
import { evictions } from '../../api/resource.ts';
import { isForbidden, isNotFound } from '../../kube/api-error.ts';
import { Backoff } from '../../kube/backoff.ts';
import { Reflector, type ReflectorOptions } from '../../kube/reflector.ts';

/** The Evictions of an API server that may know none. */
export interface EvictionWatch {
  readonly evictions: Reflector<Eviction>;
  /** False also before the API server has been asked. */
  readonly isServed: boolean;
  /** Asks once whether there are Evictions; watches them until the signal aborts where there are, and else returns. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when they are known; to false when there are none to know, or when the signal aborts first. */
  ready(signal: AbortSignal): Promise<boolean>;
}

type Ports = Omit<ReflectorOptions<Eviction>, 'resource' | 'selection'>;

const served = `${evictions.group}/${evictions.version}`;

/** Does the API server serve them, and to us? Undefined when that cannot be told now. */
const asked = async ({ api, log }: Ports, signal: AbortSignal): Promise<boolean | undefined> => {
  try {
    await api.list(evictions, { limit: 1 }, signal);
    log.info({ served }, 'Responding to eviction requests');
    return true;
  } catch (error) {
    if (isNotFound(error)) {
      log.info({ served }, 'Not responding to eviction requests, the API server does not serve them');
      return false;
    }
    if (isForbidden(error)) {
      log.warn({ error, served }, 'Not responding to eviction requests, the rights of the component are missing');
      return false;
    }
    log.warn({ error, served }, 'Failed to ask for evictions, will retry');
    return undefined;
  }
};

const untilTold = async (ports: Ports, signal: AbortSignal): Promise<boolean> => {
  const backoff = new Backoff({ minMs: 200, maxMs: 30_000, random: ports.random });
  while (!signal.aborted) {
    const isServed = await asked(ports, signal);
    if (isServed !== undefined) return isServed;
    await ports.clock.sleep(backoff.next(), signal).catch(() => undefined);
  }
  return false;
};

const abortOf = (signal: AbortSignal): Promise<false> => {
  const { promise, resolve } = Promise.withResolvers<false>();
  const onAbort = (): void => {
    resolve(false);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return promise;
};

/**
 * Whether an API server serves Evictions does not change while it runs, and a
 * watch of what it does not serve would fail for ever: so it is asked once, and
 * an API server that is set up otherwise later is noticed at the next start.
 */
export const createEvictionWatch = (ports: Ports): EvictionWatch => {
  const reflector = new Reflector({ ...ports, resource: evictions });
  const told = Promise.withResolvers<boolean>();
  let isServed = false;
  return {
    evictions: reflector,
    get isServed() {
      return isServed;
    },
    run: async (signal) => {
      isServed = await untilTold(ports, signal);
      told.resolve(isServed);
      if (isServed) await reflector.run(signal);
    },
    ready: async (signal) => {
      if (!(await Promise.race([told.promise, abortOf(signal)]))) return false;
      return reflector.synced(signal).then(
        () => true,
        () => false,
      );
    },
  };
};
