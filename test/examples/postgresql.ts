import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type ClientPod, startClientPod } from './client-pod.ts';
import type { Example } from './example.ts';
import { inside } from './inside.ts';
import type { Batch } from './rows.ts';

const image = 'docker.io/local/postgresql:1';
/** That of its kustomization.yaml. */
const password = 'transship';
const clients = 4;
/** The clients and the moves share two cores with the whole cluster. */
const transactionsPerSecond = 100;
/** Longer than any test: it is ended by a signal, which it takes for the end of its time. */
const lastsSeconds = 3_600;
const initial = 'pgbench --initialize --quiet --scale=1 postgres';

/** How many transactions pgbench says to have been committed. */
interface Told {
  readonly transactions: number;
}

const benchmark = `
echo $$ > /tmp/pgbench.pid
cd /tmp && exec pgbench --client=${String(clients)} --time=${String(lastsSeconds)} --rate=${String(transactionsPerSecond)} \\
  --progress=1 --log --log-prefix=/tmp/transactions postgres`;

/**
 * A line of pgbench's log: client, transaction, elapsed time in µs or `failed`, script, when it ended in seconds and
 * µs, and of the elapsed time that before it was begun at all, because others of the client had to be made up for
 * ("Per-Transaction Logging" of its documentation).
 */
const batchIn = (line: string): Batch => {
  const [, , elapsed = '', , seconds = '', micros = '', lag = ''] = line.split(' ');
  const isFailed = !/^\d+$/.test(elapsed);
  return {
    ...{ at: Number(seconds) * 1000 + Number(micros) / 1000, requests: 1, wrong: 0, broken: 0 },
    failed: isFailed ? 1 : 0,
    longestWaitMs: isFailed ? 0 : (Number(elapsed) - Number(lag)) / 1000,
  };
};

const environment = (host: string): string => `export PGHOST=${host} PGUSER=postgres PGPASSWORD=${password}; `;

const start = async (client: ClientPod, host: string) => {
  await client.run(environment(host) + initial);
  const child = client.start(environment(host) + benchmark);
  const closed = once(child, 'close') as Promise<[number | null]>;
  /** A client whose connection breaks says so at once, and asks nothing more. */
  const broken: Batch[] = [];
  const said: string[] = [];
  const { promise: begun, resolve: begin } = Promise.withResolvers<'begun'>();
  createInterface({ input: child.stderr! }).on('line', (line) => {
    said.push(line);
    if (line.startsWith('progress:')) begin('begun');
    if (/client \d+ aborted/.test(line))
      broken.push({ at: Date.now(), requests: 0, failed: 0, wrong: 0, broken: 1, longestWaitMs: 0 });
  });
  if ((await Promise.race([begun, closed])) !== 'begun') throw new Error(`pgbench has ended: ${said.join(' ')}`);
  return {
    async end() {
      await client.run('kill -ALRM $(cat /tmp/pgbench.pid)');
      const [code] = await closed;
      if (code !== 0) console.error(`pgbench ended with ${String(code)}: ${said.slice(-5).join(' ')}`);
      const log = await client.run('cat /tmp/transactions.*');
      const transactions = log.split('\n').filter(Boolean).map(batchIn);
      const committed = transactions.filter(({ failed }) => failed === 0).length;
      return { heard: [...transactions, ...broken], told: { transactions: committed } };
    },
    [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      return Promise.resolve();
    },
  };
};

/** Each transaction of pgbench adds one number to an account, to its teller and to its branch, and notes it down in a row. */
const sums = `SELECT
  (SELECT count(*) FROM pgbench_history) AS rows,
  (SELECT coalesce(sum(delta), 0) FROM pgbench_history) AS history,
  (SELECT sum(abalance) FROM pgbench_accounts) AS accounts,
  (SELECT sum(tbalance) FROM pgbench_tellers) AS tellers,
  (SELECT sum(bbalance) FROM pgbench_branches) AS branches`;

export const postgresql: Example<Told> = {
  name: 'postgresql',

  async load(pod) {
    return start(await startClientPod(pod.metadata.namespace, image), pod.status.podIP ?? '');
  },

  async differences(pod, { transactions }) {
    const psql = `psql --host=/tmp --username=postgres --no-align --tuples-only --field-separator=' ' --command="${sums}"`;
    const [rows, history, ...balances] = (await inside(pod, psql)).split(' ').map(Number);
    const tables = ['accounts', 'tellers', 'branches'];
    return [
      ...(rows === transactions
        ? []
        : [`${String(transactions)} transactions were told to be committed, and the history has ${String(rows)}`]),
      ...balances.flatMap((balance, index) =>
        balance === history
          ? []
          : [`the ${tables[index] ?? ''} sum up to ${String(balance)}, and the history to ${String(history)}`],
      ),
    ];
  },

  // An immediate shutdown, after which it has to recover from its write-ahead log.
  kill: 'kill -QUIT 1',
};
