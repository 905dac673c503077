/**
 * `make test`: every check, one after the other, and one closing line that
 * counts them. A check that could not be run counts as failed.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

interface Check {
  readonly name: string;
  readonly command: readonly string[];
  /** Of a run of tests: where vitest writes how many there were. */
  readonly report?: string;
}

const root = join(import.meta.dirname, '..');
const output = join(root, 'out');

const tests = (name: string, config: string): Check => {
  const report = join(output, `${name}-tests.json`);
  return {
    name: `${name} tests`,
    report,
    command: [
      'vitest',
      'run',
      '--config',
      config,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
  };
};

const statics: readonly Check[] = [
  { name: 'format', command: ['prettier', '--log-level', 'warn', '--check', '.'] },
  { name: 'lint', command: ['eslint', '--max-warnings', '0', '.'] },
  { name: 'types', command: ['tsc', '--project', '.'] },
  { name: 'layout', command: ['depcruise', '--log-level', 'warn', 'src', 'lab', 'image', 'test'] },
  { name: 'unused', command: ['knip'] },
  { name: 'CRDs as generated', command: ['node', 'manifests/generate.ts', '--check'] },
  { name: 'documents as generated', command: ['node', 'docs/generate.ts', '--check'] },
];
const unit = [...statics, tests('unit', 'vitest.config.ts')];
const endToEnd = [tests('e2e', 'vitest.e2e.config.ts')];

const runCheck = async ({ command: [program = '', ...args] }: Check): Promise<boolean> => {
  const child = spawn(program, args, { cwd: root, stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
};

interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** A run of tests counts each of them; and one more failure when it ended badly for another reason, such as no test at all. */
const countOf = async (check: Check, succeeded: boolean): Promise<Count> => {
  const plain = { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1 };
  if (!check.report) return plain;
  try {
    const { numPassedTests: passed, numTotalTests: total } = JSON.parse(await readFile(check.report, 'utf8')) as {
      numPassedTests: number;
      numTotalTests: number;
    };
    // A skipped test has shown nothing.
    const failed = total - passed;
    return { passed, failed: failed === 0 && (!succeeded || passed === 0) ? 1 : failed };
  } catch {
    return { passed: 0, failed: 1 };
  }
};

const chosen = process.argv.includes('--unit')
  ? unit
  : process.argv.includes('--e2e')
    ? endToEnd
    : [...unit, ...endToEnd];
await mkdir(output, { recursive: true });
const total = { passed: 0, failed: 0 };
for (const check of chosen) {
  if (check.report) await rm(check.report, { force: true });
  const begun = performance.now();
  const succeeded = await runCheck(check);
  const { passed, failed } = await countOf(check, succeeded);
  total.passed += passed;
  total.failed += failed;
  console.log(
    `${failed === 0 ? 'ok    ' : 'FAILED'}  ${check.name} (${((performance.now() - begun) / 1000).toFixed(1)} s)`,
  );
}
console.log(`${String(total.passed)} passed, ${String(total.failed)} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
