import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { network } from '../../lab/cluster.ts';

export interface HookCallSeen {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

/** How the server answers at a path; at all others it says 200. */
const answers: Readonly<Record<string, (response: ServerResponse) => void>> = {
  '/hang': () => undefined,
  '/redirect': (response) => response.writeHead(302, { location: '/redirect' }).end(),
  '/flood': (response) => response.writeHead(403).end(Buffer.alloc(10 * 1024 * 1024, 'x')),
  '/garbage': (response) => {
    response.socket?.end('\u0000\u0001\u0002 this is no HTTP\r\n\r\n');
  },
  '/down': (response) => response.writeHead(503).end(),
};

/** What hooks and sinks of tests call, and what of it does as badly as it can. Controllers of the lab reach it. */
export class HookServer {
  readonly #server: Server;
  readonly #revived = new Set<string>();
  #calls: HookCallSeen[] = [];

  constructor() {
    this.#server = createServer((request, response) => {
      response.on('error', () => undefined);
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  async start(): Promise<void> {
    this.#server.listen(0, network.hostAddress);
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  urlOf(path: string): string {
    return `http://${network.hostAddress}:${String((this.#server.address() as AddressInfo).port)}${path}`;
  }

  /** From now on it answers well at this path. */
  revive(path: string): void {
    this.#revived.add(path);
    this.#calls = this.#calls.filter((call) => call.path !== path);
  }

  calls(path: string): readonly HookCallSeen[] {
    return this.#calls.filter((call) => call.path === path);
  }

  bodies(path: string): readonly HookCallSeen['body'][] {
    return this.calls(path).map(({ body }) => body);
  }

  /** Forgets what hooks have said; what sinks have heard stays. */
  reset(): void {
    this.#calls = this.#calls.filter(({ path }) => ['/sink', '/down'].includes(path));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = Date.now();
    const path = request.url ?? '';
    const body = JSON.parse(await bodyOf(request)) as HookCallSeen['body'];
    this.#calls.push({ at, path, body });
    const answer = this.#revived.has(path) ? undefined : answers[path];
    if (answer) answer(response);
    else response.writeHead(200).end('noted');
  }
}
