import type { KubeObject } from '../api/metadata.ts';
import type { Resource } from '../api/resource.ts';
import type { Clock } from '../clock/clock.ts';
import type { Log } from '../log/log.ts';
import { isGone } from './api-error.ts';
import type { Key, KubeApi, Selection, WatchEvent } from './api.ts';
import { Backoff, type Random } from './backoff.ts';
import { Inactivity } from './inactivity.ts';
import { keyOf, keyText, type Lookup } from './lookup.ts';

export interface ReflectorOptions<T extends KubeObject> {
  readonly api: KubeApi;
  readonly resource: Resource<T>;
  readonly selection?: Selection | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export type ChangeListener<T> = (key: Key, object: T | undefined) => void;

/** The server ends each watch itself after this long, so that watchers spread over its replicas again. */
const watchSeconds = 290;

/** Bookmarks come about once a minute; three missed ones mean that the connection is dead. */
const inactivityMs = 180_000;

const shortestWatchMs = 5_000;

const pageSize = 500;

/**
 * Keeps a copy of the objects of one kind, for as long as `run` runs.
 *
 *   listing ──▶ watching ──▶ watching … (each watch ends by itself)
 *      ▲            │
 *      └── waiting ◀┘ failed; lists anew only when the server has forgotten our place (410)
 *
 * It never gives up: whatever fails is tried again after 0.2 to 30 s. client-node's
 * informer stops for good at the first failed LIST, which is why this exists.
 */
export class Reflector<T extends KubeObject> implements Lookup<T> {
  readonly #options: ReflectorOptions<T>;
  readonly #log: Log;
  readonly #backoff: Backoff;
  readonly #listeners: ChangeListener<T>[] = [];
  readonly #synced = Promise.withResolvers<undefined>();
  #objects = new Map<string, T>();
  #items: readonly T[] | undefined;
  /** Where the next watch begins; undefined means that a list must come first. */
  #place: string | undefined;
  /** What a list must at least be as new as. '0' is "anything you have", answered from the server's memory. */
  #atLeast: string | undefined = '0';
  #hasSynced = false;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#log = options.log.child({ resource: options.resource.plural });
    this.#backoff = new Backoff({ minMs: 200, maxMs: 30_000, random: options.random });
  }

  /** The object, as last seen. It is shared: do not change it. */
  get(key: Key): T | undefined {
    return this.#objects.get(keyText(key));
  }

  items(): readonly T[] {
    this.#items ??= [...this.#objects.values()];
    return this.#items;
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Resolves when the first list has been read completely. */
  async synced(signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => {
      aborted.reject(signal.reason as Error);
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([this.#synced.promise, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Listeners are called for every change, and with undefined when the object is gone. They should only note the key down. */
  onChange(listener: ChangeListener<T>): void {
    this.#listeners.push(listener);
  }

  /** Runs until the signal aborts, and then returns. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.#place ??= await this.#list(signal);
        const began = this.#options.clock.now();
        await this.#watch(this.#place, signal);
        // A server that ends each watch at once must not be asked hundreds of times a second.
        if (this.#options.clock.now() - began < shortestWatchMs)
          await this.#options.clock.sleep(this.#backoff.next(), signal);
      } catch (error) {
        if (!(await this.#recover(error, signal))) return;
      }
    }
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (isGone(error)) {
      this.#place = undefined;
      // A consistent read: a server that lags behind could give us the same forgotten place again.
      this.#atLeast = undefined;
    }
    const waitMs = this.#backoff.next();
    this.#log.warn({ error, waitMs: Math.round(waitMs), relist: this.#place === undefined }, 'Lost watch');
    try {
      await this.#options.clock.sleep(waitMs, signal);
      return true;
    } catch {
      return false;
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const found = new Map<string, T>();
    let continueToken: string | undefined;
    do {
      const start =
        continueToken === undefined && this.#atLeast !== undefined ? { resourceVersion: this.#atLeast } : {};
      const more = continueToken === undefined ? {} : { continueToken };
      const { api, resource, selection } = this.#options;
      const page = await api.list(resource, { ...selection, limit: pageSize, ...start, ...more }, signal);
      signal.throwIfAborted();
      for (const object of page.items) found.set(keyText(keyOf(object)), object);
      continueToken = page.continueToken;
      if (continueToken === undefined) {
        this.#replace(found);
        this.#atLeast = page.resourceVersion;
        return page.resourceVersion;
      }
    } while (!signal.aborted);
    throw signal.reason;
  }

  #replace(found: Map<string, T>): void {
    const before = this.#objects;
    this.#objects = found;
    this.#items = undefined;
    for (const [text, object] of found) {
      if (before.get(text)?.metadata.resourceVersion !== object.metadata.resourceVersion)
        this.#tell(keyOf(object), object);
    }
    for (const [text, object] of before) if (!found.has(text)) this.#tell(keyOf(object), undefined);
    this.#hasSynced = true;
    this.#synced.resolve(undefined);
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { api, resource, selection, clock, random } = this.#options;
    using inactivity = new Inactivity(clock, inactivityMs);
    const timeoutSeconds = watchSeconds + Math.floor(random() * 30);
    const either = AbortSignal.any([signal, inactivity.signal]);
    for await (const event of api.watch(resource, { ...selection, resourceVersion, timeoutSeconds }, either)) {
      either.throwIfAborted();
      inactivity.touch();
      this.#apply(event);
    }
  }

  #apply(event: WatchEvent<T>): void {
    // The connection works, so whatever comes next is a new fault.
    this.#backoff.reset();
    const version = event.type === 'BOOKMARK' ? event.resourceVersion : event.object.metadata.resourceVersion;
    this.#place = version;
    this.#atLeast = version;
    if (event.type === 'BOOKMARK') return;
    const key = keyOf(event.object);
    this.#items = undefined;
    if (event.type === 'DELETED') this.#objects.delete(keyText(key));
    else this.#objects.set(keyText(key), event.object);
    this.#tell(key, event.type === 'DELETED' ? undefined : event.object);
  }

  #tell(key: Key, object: T | undefined): void {
    for (const listener of this.#listeners) {
      try {
        listener(key, object);
      } catch (error) {
        this.#log.error({ error, key: keyText(key) }, 'Failed in change listener');
      }
    }
  }
}
