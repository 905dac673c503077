/**
 * `make conformance`: real clients of the eviction API on the lab. Says a line
 * for each case and ends with code 1 unless every one was as the table says.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { say } from '../../lab/progress.ts';
import { bringUp } from '../../lab/up.ts';
import { conformancePage, type ConformanceReport } from '../../docs/conformance-page.ts';
import { installTransship } from '../cluster/install.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { carryOut } from './carry-out.ts';
import { chosenTurns, type Turn } from './choice.ts';
import { clients } from './clients/all.ts';
import { clientReports, details, type Result } from './result.ts';
import { describeTurn } from './words.ts';

const help = `usage: node test/conformance/main.ts [--case WORDS] [--short] [--list]

  --case WORDS   only the cases with these words in their client's name or in what it does
  --short        the few of \`make test\`
  --list         prints the table and does nothing

A run of all cases writes docs/conformance.json and docs/conformance.md anew.
`;

const { values } = parseArgs({
  options: {
    case: { type: 'string' },
    short: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const root = join(import.meta.dirname, '..', '..');

/** Aborts when somebody wants it; the case that was begun is ended properly. */
const stopWhenAsked = (): AbortSignal => {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => {
      stop.abort();
    });
  return stop.signal;
};

const writeDetails = async (turns: readonly Turn[], results: readonly Result[]): Promise<void> => {
  await mkdir(join(root, 'out'), { recursive: true });
  const text = JSON.stringify(details(turns, results), null, 2);
  await writeFile(join(root, 'out', 'conformance.json'), `${text}\n`);
};

const serverVersion = async (): Promise<string> => {
  const { serverVersion: version } = JSON.parse(await kubectl('version', '-o', 'json')) as {
    serverVersion: { gitVersion: string };
  };
  return version.gitVersion;
};

const writeDocuments = async (results: readonly Result[]): Promise<void> => {
  const report: ConformanceReport = {
    date: new Date().toISOString().slice(0, 10),
    kubernetes: await serverVersion(),
    clients: await clientReports(results),
  };
  await writeFile(join(root, 'docs', 'conformance.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(join(root, 'docs', 'conformance.md'), conformancePage(report));
};

const conduct = async (turns: readonly Turn[]): Promise<void> => {
  const stop = stopWhenAsked();
  await writeDetails(turns, []);
  await bringUp();
  await installTransship();
  for (const client of new Set(turns.map((turn) => turn.client))) await client.prepare?.();
  const results = await carryOut(turns, { stop, onResult: (so) => writeDetails(turns, so) });
  if (results.length === chosenTurns(clients).length) await writeDocuments(results);
  const passed = results.filter(({ notSo }) => notSo.length === 0).length;
  say(`${String(passed)} of ${String(turns.length)} cases passed`);
  say('the same as data: out/conformance.json');
  process.exitCode = passed === turns.length && passed > 0 ? 0 : 1;
};

const turns = chosenTurns(clients, { short: values.short, words: values.case });
if (values.help) process.stdout.write(help);
else if (values.list) for (const turn of turns) console.log(describeTurn(turn));
else await conduct(turns);
