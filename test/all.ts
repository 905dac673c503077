/**
 * `make test`: every check, and one closing line that counts them. What needs
 * no lab runs two at a time; the end-to-end tests run alone, because they time.
 * A check that could not be run counts as failed.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { countCases, countRuns, countTests, failedCases, failedRuns, failedTests, type Tally } from './tally.ts';

interface Check {
  readonly name: string;
  readonly command: readonly string[];
  /** Of a check that is many: where it writes what came of each, and how to count that. */
  readonly report?: {
    readonly file: string;
    readonly count: (report: unknown) => Tally;
    readonly failures?: (report: unknown) => readonly string[];
  };
}

const root = join(import.meta.dirname, '..');
const output = join(root, 'out');

const tests = (name: string, config: string): Check => {
  const file = join(output, `${name}-tests.json`);
  return {
    name: `${name} tests`,
    report: { file, count: countTests, failures: failedTests },
    command: [
      'vitest',
      'run',
      '--config',
      config,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ],
  };
};

/** The longest first, so that the last of them do not run alone. */
const unit: readonly Check[] = [
  { name: 'lint and types', command: ['node', 'test/lint-and-types.ts'] },
  tests('unit', 'vitest.config.ts'),
  {
    name: 'format',
    command: [
      ...['prettier', '--log-level', 'warn', '--check', '.', '--cache', '--cache-strategy', 'content'],
      ...['--cache-location', join('node_modules', '.cache', 'format')],
    ],
  },
  { name: 'layout', command: ['depcruise', 'src', 'lab', 'image', 'test'] },
  { name: 'unused', command: ['knip'] },
  { name: 'manifests as generated', command: ['node', 'manifests/generate.ts', '--check'] },
  { name: 'documents as generated', command: ['node', 'docs/generate.ts', '--check'] },
];
const endToEnd: readonly Check[] = [
  tests('e2e', 'vitest.e2e.config.ts'),
  {
    name: 'some clients of the eviction API',
    command: ['node', 'test/conformance/main.ts', '--short'],
    report: { file: join(output, 'conformance.json'), count: countCases, failures: failedCases },
  },
  {
    name: 'sample of faults',
    command: ['node', 'test/fault/main.ts', '--sample', '--minutes', '6'],
    report: { file: join(output, 'faults.json'), count: countRuns, failures: failedRuns },
  },
];

interface Run {
  readonly succeeded: boolean;
  /** What it said, unless it was shown while it ran. */
  readonly said: string;
}

/** Shown while it runs: one that takes minutes. */
const runAloud = async ({ command: [program = '', ...args] }: Check): Promise<Run> => {
  const child = spawn(program, args, { cwd: root, stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  return { succeeded: code === 0, said: '' };
};

/** Shown when it has ended, in one piece, because others run beside it. */
const runQuietly = async ({ command: [program = '', ...args] }: Check): Promise<Run> => {
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return { succeeded: code === 0, said: Buffer.concat(said).toString() };
};

interface Count {
  readonly passed: number;
  readonly failed: number;
  /** A line for each that failed, where the check tells them apart. */
  readonly failures?: readonly string[];
}

/** A check that is many counts each of them; and one more failure when it ended badly for another reason, such as no test at all. */
const countOf = async (check: Check, succeeded: boolean): Promise<Count> => {
  const plain = { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1 };
  if (!check.report) return plain;
  try {
    const report: unknown = JSON.parse(await readFile(check.report.file, 'utf8'));
    const { passed, total } = check.report.count(report);
    // A skipped test has shown nothing.
    const failed = total - passed;
    const count = { passed, failed: failed === 0 && (!succeeded || passed === 0) ? 1 : failed };
    return { ...count, failures: check.report.failures?.(report) ?? [] };
  } catch {
    return { passed: 0, failed: 1 };
  }
};

const total = { passed: 0, failed: 0 };
/** Said once more in the end: between them and it there may be thousands of lines. */
const failedByName: string[] = [];

const carryOut = async (check: Check, run: (check: Check) => Promise<Run>): Promise<void> => {
  if (check.report) await rm(check.report.file, { force: true });
  const begun = performance.now();
  const { succeeded, said } = await run(check);
  const { passed, failed, failures = [] } = await countOf(check, succeeded);
  failedByName.push(...failures.map((failure) => `${check.name}: ${failure}`));
  total.passed += passed;
  total.failed += failed;
  if (failed > 0) process.stdout.write(said);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`${failed === 0 ? 'ok    ' : 'FAILED'}  ${check.name} (${seconds} s)`);
};

/** Each lane takes the next check when it has done one: more lanes than two only make them wait for each other. */
const lanes = 2;
const sideBySide = async (checks: readonly Check[]): Promise<void> => {
  const left = [...checks];
  const lane = async (): Promise<void> => {
    for (let check = left.shift(); check; check = left.shift()) await carryOut(check, runQuietly);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
};

await mkdir(output, { recursive: true });
if (!process.argv.includes('--e2e')) await sideBySide(unit);
if (!process.argv.includes('--unit')) for (const check of endToEnd) await carryOut(check, runAloud);
for (const failure of failedByName) console.log(`FAILED  ${failure}`);
console.log(`${String(total.passed)} passed, ${String(total.failed)} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
