/**
 * `make fault`: injects faults into moves on the lab, each at one step, and
 * writes what came of it to out/faults.json. Ends with code 1 unless everything
 * was as the table expects.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadImageInto } from '../../lab/images/load.ts';
import { say, step } from '../../lab/progress.ts';
import { bringUp } from '../../lab/up.ts';
import { installTransship } from '../cluster/install.ts';
import { withApi } from './cluster/api.ts';
import { hardwareOfNodes } from './cluster/hardware.ts';
import { untilUsable } from './cluster/usable.ts';
import { PointServer } from './reach/server.ts';
import { Campaign } from './run/campaign.ts';
import type { Result } from './run/result.ts';
import { chosenTurns } from './table/choice.ts';
import { withRetries } from './cluster/policy.ts';
import { tickerArchive } from './workload/image.ts';
import { Collector } from './witness/collector.ts';

const help = `usage: node test/fault/main.ts [--fault NAME] [--step NAME] [--runs N] [--sample] [--minutes M] [--retries N] [--list]

  --fault NAMES  only these faults, separated by commas
  --step NAMES   only these steps
  --runs N       so many runs: repeated on one pair of runtimes after the other where that is more than there are
  --sample       the fixed sample of \`make test\`
  --minutes M    begins no run after so many minutes (45)
  --retries N    further attempts that a move may make (0)
  --list         prints the table and does nothing
`;

const { values } = parseArgs({
  options: {
    fault: { type: 'string' },
    step: { type: 'string' },
    runs: { type: 'string' },
    sample: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '45' },
    retries: { type: 'string', default: '0' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const out = join(import.meta.dirname, '..', '..', 'out');

const write = async (runs: readonly Result[]): Promise<void> => {
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'faults.json'), `${JSON.stringify({ runs }, null, 2)}\n`);
};

/** Aborts when the time is up, or when somebody wants it: what was begun is ended properly, and the lab is left as it was. */
const stopAfter = (minutes: number): AbortSignal => {
  const stop = new AbortController();
  const because = (why: string) => () => {
    stop.abort(new Error(why));
  };
  setTimeout(because(`the ${String(minutes)} minutes were over before it was its turn`), minutes * 60_000).unref();
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, because('it was interrupted before it was its turn'));
  return stop.signal;
};

const conduct = async (): Promise<readonly Result[]> => {
  const turns = chosenTurns(values);
  await write([]);
  await bringUp();
  await using stack = new AsyncDisposableStack();
  stack.defer(() => step('taking the fail points away', () => installTransship()));
  await installTransship('fault');
  await loadImageInto(await tickerArchive(), []);
  const points = new PointServer();
  await points.start();
  stack.defer(() => points.close());
  const collector = new Collector(await hardwareOfNodes());
  await collector.start();
  stack.defer(() => collector.close());
  const api = await withApi(stack);
  const retries = Number(values.retries);
  await withRetries(api, retries, stack);
  await untilUsable(api);
  const campaign = new Campaign(
    { api, collector, points },
    { retries, stop: stopAfter(Number(values.minutes)), onResult: write },
  );
  stack.defer(() => campaign.close());
  await campaign.carryOut(turns);
  await campaign.settle();
  return campaign.results;
};

const report = (results: readonly Result[]): void => {
  const wrong = results.filter(({ notSo }) => notSo.length > 0);
  for (const { fault, step, notSo } of wrong) say(`NOT SO: ${fault} at ${step}: ${notSo.join('; ')}`);
  const count = (of: string): string => String(results.filter(({ outcome }) => outcome === of).length);
  say(
    `${String(results.length)} runs: ${count('Succeeded')} succeeded, ${count('RolledBack')} were rolled back, ${count('LostWithNode')} were lost with their node; ${String(wrong.length)} not as the table expects`,
  );
  say('the same as data: out/faults.json');
  process.exitCode = wrong.length === 0 && results.length > 0 ? 0 : 1;
};

if (values.help) process.stdout.write(help);
else if (values.list)
  for (const { cell, runtimes } of chosenTurns(values))
    console.log(`${cell.fault.name} at ${cell.step} (${runtimes.join(' → ')}): ${cell.expected.outcomes.join(' or ')}`);
else report(await conduct());
