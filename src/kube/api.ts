import type { KubeObject } from '../api/metadata.ts';
import type { Resource } from '../api/resource.ts';

/** A namespaced object's or a cluster's object's name. */
export interface Key {
  readonly namespace?: string | undefined;
  readonly name: string;
}

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

export interface ListPage<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  readonly continueToken?: string | undefined;
}

export interface Selection {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface DeleteOptions {
  /** Deletes only the object with this UID; another one of that name gives a 409. */
  readonly uid?: string | undefined;
  /** Deletes only what nobody has changed since; another version gives a 409. */
  readonly resourceVersion?: string | undefined;
  readonly gracePeriodSeconds?: number | undefined;
}

export interface PatchOptions {
  readonly subresource?: 'status' | 'approval';
  /** A strategic merge patch, which only kinds of Kubernetes take: of lists like conditions it changes the entries that it names. */
  readonly strategic?: boolean;
  /** The server checks it and answers with what it would become, and writes nothing. */
  readonly dryRun?: boolean;
}

/** The last parameters of {@link KubeApi.create}, for those who implement it. */
export type CreateRest = [options?: { readonly dryRun?: boolean }, signal?: AbortSignal];

/** The last parameters of {@link KubeApi.patch}, for those who implement it. */
export type PatchRest = [options?: PatchOptions, signal?: AbortSignal];

/** Of which container, and of which of its runs. */
export interface LogSelection {
  readonly container: string;
  /** That before the present one. */
  readonly previous?: boolean | undefined;
  /** ISO 8601; by the clock of the node. */
  readonly sinceTime?: string | undefined;
}

/**
 * The API server, as everything of ours sees it. Objects are read through their
 * resource's schema; every write but a creation is a merge patch, because a
 * read-modify-replace would drop fields that this program does not know.
 *
 * Every method rejects with an {@link import('./api-error.ts').ApiError} when
 * the server answered, and with the transport's error when it did not: then
 * nothing is known of whether a write was applied.
 */
export interface KubeApi {
  get<T extends KubeObject>(resource: Resource<T>, key: Key, signal?: AbortSignal): Promise<T>;
  list<T extends KubeObject>(
    resource: Resource<T>,
    options?: Selection & {
      readonly limit?: number;
      readonly continueToken?: string;
      readonly resourceVersion?: string;
    },
    signal?: AbortSignal,
  ): Promise<ListPage<T>>;
  create<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    object: object,
    options?: { readonly dryRun?: boolean },
    signal?: AbortSignal,
  ): Promise<T>;
  /** JSON merge patch (RFC 7386). With `metadata.resourceVersion` in it, a compare-and-swap: 409 when the object has moved on. */
  patch<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    patch: object,
    options?: PatchOptions,
    signal?: AbortSignal,
  ): Promise<T>;
  delete<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    options?: DeleteOptions,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Ends this very pod, under its disruption budgets: 429 when one of them, or a webhook, does not allow it now. */
  evict(pod: Key, uid: string, signal?: AbortSignal): Promise<void>;
  /** Yields until the server ends the watch (then returns) or `signal` aborts (then throws its reason). A 410 is an ApiError. */
  watch<T extends KubeObject>(
    resource: Resource<T>,
    options: Selection & { readonly resourceVersion: string; readonly timeoutSeconds: number },
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<T>>;
  /** What a container has written so far, line by line. */
  logLines(pod: Key, selection: LogSelection, signal: AbortSignal): AsyncIterable<string>;
}
