import { Agent, request } from 'node:http';
import { z } from 'zod';
import type { FailPoints } from './fail-points.ts';
import { type Directive, directives } from './points.ts';

/** Who reaches the points: the pod of Transship, and of an agent its node. */
export interface Reporter {
  readonly pod: string;
  readonly node?: string;
}

const answerLimitMs = 30_000;

const answer = z.object({ directive: z.enum(directives) });

const ask = (url: URL, agent: Agent, body: string): Promise<Directive> =>
  new Promise((resolve, reject) => {
    const asked = request(
      url,
      {
        agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        signal: AbortSignal.timeout(answerLimitMs),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('error', reject)
          .on('end', () => {
            const parsed = answer.safeParse(parseJson(Buffer.concat(chunks).toString('utf8')));
            resolve(parsed.success ? parsed.data.directive : 'go');
          });
      },
    );
    asked.on('error', reject).end(body);
  });

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * Asks a harness at `url` at every point and waits for its answer, at most 30 s.
 * The connection is kept: a new one would cost time inside the freeze.
 */
export const askingFailPoints = (url: string, who: Reporter): FailPoints => {
  const agent = new Agent({ keepAlive: true });
  const address = new URL('reach', url.endsWith('/') ? url : `${url}/`);
  return {
    reach(point, move, detail) {
      const body = JSON.stringify({ point, move, detail, ...who });
      return ask(address, agent, body).catch(() => 'go'); // a harness that has gone changes nothing
    },
    close() {
      agent.destroy();
    },
  };
};
