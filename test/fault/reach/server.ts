import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { network } from '../../../lab/cluster.ts';
import { type Directive, type FailPoint, failPoints } from '../../../src/failpoint/points.ts';

/** The overlay `fault` names it. */
const pointPort = 7077;

const isFailPoint = (point: string): point is FailPoint => Object.hasOwn(failPoints, point);

const arrival = z.object({
  point: z.custom<FailPoint>((point) => typeof point === 'string' && isFailPoint(point)),
  move: z.object({ uid: z.string(), name: z.string(), attempt: z.number().optional() }),
  detail: z.string().optional(),
  node: z.string().optional(),
  pod: z.string(),
});

/** Somebody has reached a step of a move, and waits there. */
export type Arrival = z.infer<typeof arrival>;

/** An arrival with its time, in milliseconds since 1970. */
export interface Passage extends Arrival {
  readonly at: number;
}

/** Decides what whoever has arrived is to do; as long as it does not, they wait. */
export type Watcher = (arrival: Arrival) => Promise<Directive>;

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

/** Controllers and agents tell here which step of which move they have reached. */
export class PointServer {
  readonly #watchers = new Map<string, Watcher>();
  readonly #passages = new Map<string, Passage[]>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      // One that was killed while it waited takes no answer.
      response.on('error', () => undefined);
      this.#answer(request, response).catch((error: unknown) => {
        response.statusCode = 500;
        response.end(String(error));
      });
    });
    // A connection is kept for as long as its owner lives: a new one would cost time inside a freeze.
    this.#server.keepAliveTimeout = 0;
    this.#server.requestTimeout = 0;
  }

  async start(): Promise<void> {
    this.#server.listen(pointPort, network.hostAddress);
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  /** Lets a watcher decide about the move of this name; all others go on without delay. */
  watch(move: string, watcher: Watcher): void {
    this.#watchers.set(move, watcher);
    this.#passages.set(move, []);
  }

  /** Ends that, and returns how far the move came. */
  forget(move: string): readonly Passage[] {
    const passages = this.#passages.get(move) ?? [];
    this.#watchers.delete(move);
    this.#passages.delete(move);
    return passages;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrived = arrival.parse(JSON.parse(await bodyOf(request)));
    this.#passages.get(arrived.move.name)?.push({ ...arrived, at: Date.now() });
    const directive = (await this.#watchers.get(arrived.move.name)?.(arrived)) ?? 'go';
    response.end(JSON.stringify({ directive }));
  }
}
