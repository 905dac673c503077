/**
 * Clients that read pages of a site, each over one HTTP connection, and compare every byte.
 *
 *   node site-readers.ts HOST PORT CLIENTS PAUSE PAGES
 *
 * PAGES is JSON: [{"path", "sha256"}], read in turn by each client.
 */
import { createHash } from 'node:crypto';
import { askUntilEnd, type Client } from './asking/ask.ts';
import { KeptAlive } from './asking/kept-alive.ts';

export interface Page {
  readonly path: string;
  /** Of the body, in hexadecimal. */
  readonly sha256: string;
}

/** How many pages the clients were given. */
export interface ToldBySite {
  readonly pages: number;
}

const [host = '', port = '', count = '', pause = '', pages = ''] = process.argv.slice(2);
const wanted = JSON.parse(pages) as readonly Page[];
let given = 0;

const reader = (_: unknown, index: number): Client => {
  const connection = new KeptAlive({ host, port: Number(port) });
  let turn = index;
  return {
    async ask() {
      const page = wanted[turn % wanted.length]!;
      turn += 1;
      const { status, body } = await connection.get(page.path);
      if (status !== 200) return 'failed';
      given += 1;
      return createHash('sha256').update(body).digest('hex') === page.sha256 ? 'right' : 'wrong';
    },
  };
};

await askUntilEnd(Array.from({ length: Number(count) }, reader), Number(pause), (): ToldBySite => ({ pages: given }));
