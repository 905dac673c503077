import http from 'node:http';
import https from 'node:https';
import { warningsIn } from './warnings.ts';

/** The credentials of one request. Tokens expire, so they are asked for each time. */
export type Authorize = () => Promise<Record<string, string>>;

export interface TransportOptions {
  readonly server: URL;
  readonly agent: http.Agent;
  readonly authorize: Authorize;
  readonly timeoutMs: number;
  /** Told what the API server and its webhooks warn of. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly contentType?: string | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly code: number;
  readonly body: string;
}

/** A page of 500 pods is some 5 MB; this only keeps a broken peer from filling the memory. */
const longestBody = 512 * 1024 * 1024;

const either = (a: AbortSignal | undefined, b: AbortSignal): AbortSignal => (a ? AbortSignal.any([a, b]) : b);

/** HTTP to one server over connections that are kept open: a commit inside a freeze must not wait for a TLS handshake. */
export class Transport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** One request, read to its end within the timeout. */
  async call(call: Call): Promise<Answer> {
    const signal = either(call.signal, AbortSignal.timeout(this.#options.timeoutMs));
    signal.throwIfAborted();
    try {
      const response = await this.#begin(call, signal);
      for (const text of warningsIn(response.headersDistinct['warning'] ?? [])) this.#options.onWarning?.(text);
      return { code: response.statusCode ?? 0, body: await bodyOf(response) };
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }

  /** A request whose answer has no end of its own. The timeout covers its beginning; `signal` ends it. */
  async open(call: Call & { readonly signal: AbortSignal }): Promise<http.IncomingMessage> {
    call.signal.throwIfAborted();
    const tooSlow = new AbortController();
    const timer = setTimeout(() => {
      tooSlow.abort(new Error(`the API server did not answer within ${this.#options.timeoutMs} ms`));
    }, this.#options.timeoutMs);
    const signal = either(call.signal, tooSlow.signal);
    try {
      return await this.#begin(call, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#options.agent.destroy();
  }

  async #begin(call: Call, signal: AbortSignal): Promise<http.IncomingMessage> {
    const { server, agent, authorize } = this.#options;
    const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body));
    const headers: Record<string, string | number> = {
      ...(await authorize()),
      accept: 'application/json',
      'user-agent': 'transship',
    };
    if (body) {
      headers['content-type'] = call.contentType ?? 'application/json';
      headers['content-length'] = body.length;
    }
    const { request } = server.protocol === 'http:' ? http : https;
    const prefix = server.pathname.replace(/\/$/, '');
    return new Promise((resolve, reject) => {
      const outgoing = request(
        server,
        { method: call.method, path: prefix + call.path, agent, headers, signal },
        resolve,
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}

const bodyOf = async (response: http.IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longestBody) {
      response.destroy();
      throw new Error(`the answer of the API server is longer than ${longestBody} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** Reads the rest of a refused stream's answer. */
export const refusalOf = async (response: http.IncomingMessage): Promise<Answer> => ({
  code: response.statusCode ?? 0,
  body: await bodyOf(response),
});
