/**
 * Clients that visit the site of examples/web-stack, each over one HTTP connection, and read its board.
 *
 *   node visitors.ts HOST PORT CLIENTS PAUSE
 */
import { askUntilEnd, type Client } from './asking/ask.ts';
import { KeptAlive } from './asking/kept-alive.ts';

/** What the site has said. */
export interface ToldByStack {
  /** How many visits were answered, and the highest of their numbers. */
  readonly visits: number;
  readonly highest: number;
  /** Of the one process that there may be; more than one means that it was started anew. */
  readonly instances: readonly string[];
}

interface Visit {
  readonly visit: number;
  readonly instance: string;
}

const [host = '', port = '', count = '', pause = ''] = process.argv.slice(2);
const visits = new Set<number>();
const instances = new Set<string>();
let highest = 0;

const visitor = (): Client => {
  const connection = new KeptAlive({ host, port: Number(port) });
  let asked = 0;

  /** Redis counts: no number comes twice, and none comes late. */
  const visit: Client['ask'] = async () => {
    const before = highest;
    const { status, body } = await connection.post('/visit', {});
    if (status !== 200) return 'failed';
    const { visit: number, instance } = JSON.parse(body.toString()) as Visit;
    const isNew = number > before && !visits.has(number);
    visits.add(number);
    highest = Math.max(highest, number);
    return isNew && instances.add(instance).size === 1 ? 'right' : 'wrong';
  };

  /** The board is in memory that the containers share: it is never behind what was told already. */
  const read: Client['ask'] = async () => {
    const before = highest;
    const { status, body } = await connection.get('/board');
    if (status !== 200) return 'failed';
    const { visit: number, instance } = JSON.parse(body.toString()) as Visit;
    return number >= before && instances.add(instance).size === 1 ? 'right' : 'wrong';
  };

  return {
    ask() {
      asked += 1;
      return asked % 2 === 1 ? visit() : read();
    },
  };
};

await askUntilEnd(Array.from({ length: Number(count) }, visitor), Number(pause), (): ToldByStack => ({
  visits: visits.size,
  highest,
  instances: [...instances],
}));
