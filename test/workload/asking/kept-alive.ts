import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** One HTTP connection that is kept for all requests. A request that would need another rejects. */
export class KeptAlive {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #server: { readonly host: string; readonly port: number };
  #socket: Socket | undefined;

  constructor(server: { readonly host: string; readonly port: number }) {
    this.#server = server;
  }

  async get(path: string): Promise<Answer> {
    return this.#ask('GET', path);
  }

  async post(path: string, body: object): Promise<Answer> {
    return this.#ask('POST', path, JSON.stringify(body));
  }

  async #ask(method: string, path: string, body?: string): Promise<Answer> {
    const headers = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length };
    const asked = request({ ...this.#server, method, path, headers, agent: this.#agent }).end(body);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    this.#socket ??= response.socket;
    if (response.socket !== this.#socket)
      throw new Error('the server had ended the connection, and a second one was made');
    return { status: response.statusCode ?? 0, body: await buffer(response) };
  }
}
