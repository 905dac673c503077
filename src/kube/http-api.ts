import type { IncomingMessage } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { KubeObject } from '../api/metadata.ts';
import { pods, type Resource } from '../api/resource.ts';
import { ApiError, apiErrorFrom } from './api-error.ts';
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
import { linesOf } from './lines.ts';
import { mergePatch } from './merge-patch.ts';
import { pathOf, selectionQuery } from './path.ts';
import { type Call, refusalOf, type Transport } from './transport.ts';

/** Told of an object that its schema does not fit. It is left out: one strange object must not blind us to all others. */
export type OnMalformed = (resource: string, name: string, error: Error) => void;

const listBody = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(z.unknown()).nullable().optional(),
});
const eventBody = z.object({ type: z.string(), object: z.looseObject({}) });
const bookmark = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
const named = z.object({ metadata: z.object({ name: z.string() }) });
const failure = z.object({
  code: z.number().optional(),
  reason: z.string().optional(),
  message: z.string().optional(),
});

const nameIn = (object: unknown): string => {
  const read = named.safeParse(object);
  return read.success ? read.data.metadata.name : '?';
};

/** What was created as a dry run was never stored, and so has no version. */
const unversioned = (answer: unknown): unknown => mergePatch({ metadata: { resourceVersion: '' } }, answer);

/** To check a page of 500 pods takes a tenth of a second, and this process may have requests to answer. */
const readAtOnce = 25;

/** {@link KubeApi} over a {@link Transport}. */
export class HttpApi implements KubeApi {
  readonly #transport: Transport;
  readonly #onMalformed: OnMalformed;

  constructor(transport: Transport, onMalformed: OnMalformed) {
    this.#transport = transport;
    this.#onMalformed = onMalformed;
  }

  async get<T extends KubeObject>(resource: Resource<T>, key: Key, signal?: AbortSignal): Promise<T> {
    return resource.schema.parse(await this.#call({ method: 'GET', path: pathOf(resource, key), signal }));
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
    const query = {
      ...selectionQuery(options),
      limit: options.limit,
      continue: options.continueToken,
      resourceVersion: options.resourceVersion,
    };
    const page = listBody.parse(
      await this.#call({ method: 'GET', path: pathOf(resource, { namespace: options.namespace }, query), signal }),
    );
    return {
      items: await this.#readAll(resource, page.items ?? []),
      resourceVersion: page.metadata.resourceVersion,
      continueToken: page.metadata.continue || undefined,
    };
  }

  async create<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    object: object,
    ...[options = {}, signal]: CreateRest
  ): Promise<T> {
    const path = pathOf(resource, { namespace }, { dryRun: options.dryRun ? 'All' : undefined });
    // The API server wants to be told the kind also where the path already says it.
    const body = {
      apiVersion: resource.group === '' ? resource.version : `${resource.group}/${resource.version}`,
      kind: resource.kind,
      ...object,
    };
    const answer = await this.#call({ method: 'POST', path, body, signal });
    return resource.schema.parse(options.dryRun ? unversioned(answer) : answer);
  }

  async patch<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    patch: object,
    ...[options = {}, signal]: PatchRest
  ): Promise<T> {
    const query = { dryRun: options.dryRun ? 'All' : undefined };
    const path = pathOf(resource, { ...key, subresource: options.subresource }, query);
    const contentType = options.strategic ? 'application/strategic-merge-patch+json' : 'application/merge-patch+json';
    return resource.schema.parse(await this.#call({ method: 'PATCH', path, body: patch, contentType, signal }));
  }

  async delete<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    options: DeleteOptions = {},
    signal?: AbortSignal,
  ): Promise<void> {
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
      preconditions: { uid: options.uid, resourceVersion: options.resourceVersion },
    };
    await this.#call({ method: 'DELETE', path: pathOf(resource, key), body, signal });
  }

  async evict(pod: Key, uid: string, signal?: AbortSignal): Promise<void> {
    const body = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: pod,
      deleteOptions: { preconditions: { uid } },
    };
    await this.#call({ method: 'POST', path: pathOf(pods, { ...pod, subresource: 'eviction' }), body, signal });
  }

  async *watch<T extends KubeObject>(
    resource: Resource<T>,
    options: Selection & { readonly resourceVersion: string; readonly timeoutSeconds: number },
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    const query = {
      ...selectionQuery(options),
      watch: true,
      // Without bookmarks a quiet kind looks the same as a dead connection, and its resourceVersion grows too old.
      allowWatchBookmarks: true,
      resourceVersion: options.resourceVersion,
      timeoutSeconds: options.timeoutSeconds,
    };
    const response = await this.#transport.open({
      method: 'GET',
      path: pathOf(resource, { namespace: options.namespace }, query),
      signal,
    });
    try {
      await refuse(response);
      for await (const line of linesOf(response as AsyncIterable<Uint8Array>)) {
        signal.throwIfAborted();
        const event = this.#event(resource, line);
        if (event) yield event;
      }
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      response.destroy();
    }
    signal.throwIfAborted();
  }

  async *logLines(pod: Key, selection: LogSelection, signal: AbortSignal): AsyncGenerator<string> {
    const { container, previous, sinceTime } = selection;
    const query = { container, previous: previous || undefined, sinceTime };
    const path = pathOf(pods, { ...pod, subresource: 'log' }, query);
    const response = await this.#transport.open({ method: 'GET', path, signal });
    try {
      await refuse(response);
      for await (const line of linesOf(response as AsyncIterable<Uint8Array>)) {
        signal.throwIfAborted();
        yield line;
      }
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      response.destroy();
    }
  }

  #event<T extends KubeObject>(resource: Resource<T>, line: string): WatchEvent<T> | undefined {
    const { type, object } = eventBody.parse(JSON.parse(line));
    if (type === 'ERROR') {
      const told = failure.parse(object);
      throw new ApiError({
        code: told.code ?? 500,
        reason: told.reason ?? '',
        message: told.message ?? 'the watch failed',
      });
    }
    if (type === 'BOOKMARK') return { type, resourceVersion: bookmark.parse(object).metadata.resourceVersion };
    if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED') return undefined;
    const read = this.#read(resource, object);
    return read && { type, object: read };
  }

  async #readAll<T extends KubeObject>(resource: Resource<T>, objects: readonly unknown[]): Promise<readonly T[]> {
    const read: T[] = [];
    for (let begin = 0; begin < objects.length; begin += readAtOnce) {
      if (begin > 0) await setImmediate();
      for (const object of objects.slice(begin, begin + readAtOnce)) {
        const item = this.#read(resource, object);
        if (item) read.push(item);
      }
    }
    return read;
  }

  #read<T extends KubeObject>(resource: Resource<T>, object: unknown): T | undefined {
    const read = resource.schema.safeParse(object);
    if (read.success) return read.data;
    this.#onMalformed(resource.plural, nameIn(object), read.error);
    return undefined;
  }

  async #call(call: Call): Promise<unknown> {
    const { code, body } = await this.#transport.call(call);
    if (code < 200 || code > 299) throw apiErrorFrom(code, body);
    return JSON.parse(body);
  }
}

const refuse = async (response: IncomingMessage): Promise<void> => {
  if (response.statusCode === 200) return;
  const { code, body } = await refusalOf(response);
  throw apiErrorFrom(code, body);
};
