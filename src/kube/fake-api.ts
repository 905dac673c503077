import type { KubeObject } from '../api/metadata.ts';
import { pods, type Resource } from '../api/resource.ts';
import { ApiError } from './api-error.ts';
import type {
  CreateRest,
  DeleteOptions,
  Key,
  KubeApi,
  ListPage,
  LogSelection,
  PatchRest,
  Selection,
  WatchEvent,
} from './api.ts';
import { isSelected } from './fake-selection.ts';
import { FakeStore, type Stored } from './fake-store.ts';
import { strategicMerge } from './fake-strategic-merge.ts';
import { keyText } from './lookup.ts';
import { mergePatch } from './merge-patch.ts';

export type Verb = 'get' | 'list' | 'create' | 'patch' | 'delete' | 'evict' | 'watch' | 'log';

/** One call as it reached the server. */
export interface Request {
  readonly verb: Verb;
  readonly plural: string;
  readonly name?: string | undefined;
  readonly body?: unknown;
  readonly subresource?: string | undefined;
}

/** Throws to refuse the call. Called before anything happens. */
export type Intercept = (request: Request) => void;

const refusal = (code: number, reason: string, message: string): ApiError => new ApiError({ code, reason, message });

const kindOf = <T extends KubeObject>(resource: Resource<T>): string => `${resource.group}/${resource.plural}`;

/** An update that changes nothing makes no new version. */
const contentOf = (object: Stored): string =>
  JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: '' } });

/** Throws when it is another one of that name. */
const requireUID = ({ metadata }: Stored, uid: string): void => {
  if (metadata.uid !== uid)
    throw refusal(409, 'Conflict', `the UID in the precondition (${uid}) is not that of the object (${metadata.uid})`);
};

const isReleased = ({ metadata }: Stored): boolean =>
  metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0;

/** Kinds of which an ordinary write leaves the status alone, because they have the status subresource. */
const hasStatus = new Set(['migrations', 'migrationnodes', 'ippools', 'pods', 'nodes', 'certificatesigningrequests']);

/**
 * An API server in memory, for tests: resourceVersions, conflicts, unique
 * names, UID preconditions, status subresources, watches and their 410. Our
 * own code runs unchanged against it. No admission, no defaulting, no
 * controllers; pods are deleted at once.
 */
export class FakeApi implements KubeApi {
  readonly store = new FakeStore();
  readonly requests: Request[] = [];
  readonly #intercepts: Intercept[] = [];
  readonly #logs = new Map<string, readonly string[]>();
  readonly #now: () => number;
  #uids = 0;
  #watchEpoch = 0;

  constructor(now: () => number = () => Date.parse('2026-01-01T00:00:00Z')) {
    this.#now = now;
  }

  /** Lets a test refuse or observe every call from now on. */
  intercept(intercept: Intercept): void {
    this.#intercepts.push(intercept);
  }

  /** Ends all watches, as a server does that is shut down. */
  endWatches(): void {
    this.#watchEpoch += 1;
    this.store.wake();
  }

  /** Puts an object in as it is, bypassing all rules; for the Given of a test. */
  put<T extends KubeObject>(resource: Resource<T>, object: object): T {
    const given = object as { metadata: { name: string; namespace?: string; uid?: string } };
    const metadata = {
      uid: this.#uid(),
      resourceVersion: '0',
      creationTimestamp: this.#timestamp(),
      ...given.metadata,
    };
    const stored = this.store.write(kindOf(resource), keyText(metadata), { ...given, metadata });
    return resource.schema.parse(structuredClone(stored));
  }

  /** What a container has written; `previous` of its run before the present one. */
  putLog(pod: Key, { container, previous = false }: LogSelection, lines: readonly string[]): void {
    this.#logs.set(`${keyText(pod)} ${container} ${previous}`, lines);
  }

  async get<T extends KubeObject>(resource: Resource<T>, key: Key, signal?: AbortSignal): Promise<T> {
    await this.#receive({ verb: 'get', plural: resource.plural, name: key.name }, signal);
    return resource.schema.parse(structuredClone(this.#find(resource, key)));
  }

  async list<T extends KubeObject>(
    resource: Resource<T>,
    options: Selection & {
      readonly limit?: number;
      readonly continueToken?: string;
      readonly resourceVersion?: string;
    } = {},
    signal?: AbortSignal,
  ): Promise<ListPage<T>> {
    await this.#receive({ verb: 'list', plural: resource.plural }, signal);
    const all = [...this.store.of(kindOf(resource)).values()].filter((object) => isSelected(object, options));
    const from = Number(options.continueToken ?? 0);
    const to = from + (options.limit ?? all.length);
    return {
      items: all.slice(from, to).map((object) => resource.schema.parse(structuredClone(object))),
      resourceVersion: String(this.store.version),
      continueToken: to < all.length ? String(to) : undefined,
    };
  }

  async create<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    object: object,
    ...[options = {}, signal]: CreateRest
  ): Promise<T> {
    const given = structuredClone(object) as Stored;
    const { name } = given.metadata;
    await this.#receive({ verb: 'create', plural: resource.plural, name, body: given }, signal);
    const key: Key = resource.namespaced ? { namespace: namespace ?? 'default', name } : { name };
    if (this.store.of(kindOf(resource)).has(keyText(key)))
      throw refusal(409, 'AlreadyExists', `${resource.plural} "${name}" already exists`);
    const metadata = {
      ...given.metadata,
      ...key,
      uid: this.#uid(),
      resourceVersion: '',
      creationTimestamp: this.#timestamp(),
    };
    const made = { ...given, metadata };
    const stored = options.dryRun ? made : this.store.write(kindOf(resource), keyText(key), made);
    return resource.schema.parse(structuredClone(stored));
  }

  async patch<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    patch: object,
    ...[options = {}, signal]: PatchRest
  ): Promise<T> {
    await this.#receive(
      { verb: 'patch', plural: resource.plural, name: key.name, body: patch, subresource: options.subresource },
      signal,
    );
    const old = this.#find(resource, key);
    this.#precondition(resource.plural, old, patch);
    const merge = options.strategic ? strategicMerge : mergePatch;
    const merged = merge(structuredClone(old), patch) as Stored;
    const kept = options.subresource
      ? { ...old, status: merged['status'] }
      : this.#withoutStatus(resource.plural, old, merged);
    const unchanged = contentOf(kept) === contentOf(old);
    if (options.dryRun) return resource.schema.parse(structuredClone(kept));
    const stored = unchanged ? old : this.store.write(kindOf(resource), keyText(key), kept);
    if (isReleased(stored)) this.store.remove(kindOf(resource), keyText(key));
    return resource.schema.parse(structuredClone(stored));
  }

  #precondition(plural: string, { metadata }: Stored, patch: object): void {
    const asked = (patch as { metadata?: { resourceVersion?: string; uid?: string } }).metadata;
    if (asked?.uid !== undefined && asked.uid !== metadata.uid) {
      throw refusal(
        422,
        'Invalid',
        `${plural} "${metadata.name}" is invalid: metadata.uid: Invalid value: field is immutable`,
      );
    }
    if (asked?.resourceVersion !== undefined && asked.resourceVersion !== metadata.resourceVersion) {
      throw refusal(
        409,
        'Conflict',
        `${plural} "${metadata.name}": the object has been modified; please apply your changes to the latest version`,
      );
    }
  }

  async delete<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    options: DeleteOptions = {},
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#receive({ verb: 'delete', plural: resource.plural, name: key.name, body: options }, signal);
    const old = this.#find(resource, key);
    if (options.uid !== undefined) requireUID(old, options.uid);
    if (options.resourceVersion !== undefined && options.resourceVersion !== old.metadata.resourceVersion) {
      throw refusal(
        409,
        'Conflict',
        `the resourceVersion in the precondition is not that of ${resource.plural} "${key.name}"`,
      );
    }
    this.#remove(kindOf(resource), keyText(key), old);
  }

  /** An object with finalizers is only marked; it goes when the last of them has been taken away. */
  #remove(kind: string, key: string, object: Stored): void {
    if ((object.metadata.finalizers ?? []).length === 0) this.store.remove(kind, key);
    else
      this.store.write(kind, key, {
        ...object,
        metadata: { ...object.metadata, deletionTimestamp: this.#timestamp() },
      });
  }

  /** Budgets are for a test to play, by an intercept. */
  async evict(pod: Key, uid: string, signal?: AbortSignal): Promise<void> {
    await this.#receive({ verb: 'evict', plural: 'pods', name: pod.name, body: { uid } }, signal);
    const old = this.#find(pods, pod);
    requireUID(old, uid);
    this.#remove(kindOf(pods), keyText(pod), old);
  }

  async *watch<T extends KubeObject>(
    resource: Resource<T>,
    options: Selection & { readonly resourceVersion: string; readonly timeoutSeconds: number },
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    await this.#receive({ verb: 'watch', plural: resource.plural }, signal);
    const epoch = this.#watchEpoch;
    let version = Number(options.resourceVersion);
    while (epoch === this.#watchEpoch) {
      if (version < this.store.oldest) throw refusal(410, 'Expired', `too old resource version: ${version}`);
      for (const change of this.store.since(version, kindOf(resource))) {
        version = change.version;
        if (isSelected(change.object, options))
          yield { type: change.type, object: resource.schema.parse(structuredClone(change.object)) };
      }
      if (this.store.since(version, kindOf(resource)).length === 0) await this.#changed(signal);
    }
  }

  async *logLines(
    pod: Key,
    { container, previous = false }: LogSelection,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    await this.#receive({ verb: 'log', plural: 'pods', name: pod.name }, signal);
    const lines = this.#logs.get(`${keyText(pod)} ${container} ${previous}`);
    if (!lines) throw refusal(400, 'BadRequest', `container "${container}" in pod "${pod.name}" has no such log`);
    yield* lines;
  }

  async #changed(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const onAbort = (): void => {
      reject(signal.reason as Error);
    };
    const forget = this.store.onChange(() => {
      resolve(undefined);
    });
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await promise;
    } finally {
      forget();
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #receive(request: Request, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    await Promise.resolve();
    this.requests.push(request);
    for (const intercept of this.#intercepts) intercept(request);
  }

  #find<T extends KubeObject>(resource: Resource<T>, key: Key): Stored {
    const found = this.store.of(kindOf(resource)).get(keyText(key));
    if (!found) throw refusal(404, 'NotFound', `${resource.plural} "${key.name}" not found`);
    return found;
  }

  #withoutStatus(plural: string, old: Stored, merged: Stored): Stored {
    return hasStatus.has(plural) && 'status' in old ? { ...merged, status: old['status'] } : merged;
  }

  #uid(): string {
    this.#uids += 1;
    return `00000000-0000-4000-8000-${String(this.#uids).padStart(12, '0')}`;
  }

  #timestamp(): string {
    return new Date(this.#now()).toISOString().replace(/\.\d{3}Z$/, 'Z');
  }
}
