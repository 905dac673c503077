/*
 * How the reports of checks that are many are read: how many passed, and a line for each that did not.
 */

export interface Tally {
  readonly passed: number;
  readonly total: number;
}

export const countTests = (report: unknown): Tally => {
  const { numPassedTests, numTotalTests } = report as { numPassedTests: number; numTotalTests: number };
  return { passed: numPassedTests, total: numTotalTests };
};

interface FileReport {
  readonly assertionResults: readonly {
    readonly status: string;
    readonly fullName: string;
    readonly failureMessages?: readonly string[];
  }[];
}

export const failedTests = (report: unknown): readonly string[] =>
  (report as { testResults: readonly FileReport[] }).testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status !== 'passed')
    .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages?.[0]?.split('\n')[0] ?? 'not run'}`);

interface Judged {
  readonly notSo: readonly string[];
}

const countJudged = (all: readonly Judged[]): Tally => ({
  passed: all.filter(({ notSo }) => notSo.length === 0).length,
  total: all.length,
});

interface FaultRun extends Judged {
  readonly fault: string;
  readonly step: string;
  readonly source: string;
  readonly target: string;
}

interface ConformanceCase extends Judged {
  readonly client: string;
  readonly does: string;
}

const runsOf = (report: unknown): readonly FaultRun[] => (report as { runs: readonly FaultRun[] }).runs;
const casesOf = (report: unknown): readonly ConformanceCase[] =>
  (report as { cases: readonly ConformanceCase[] }).cases;

const failedJudged = <T extends Judged>(all: readonly T[], nameOf: (one: T) => string): readonly string[] =>
  all.filter(({ notSo }) => notSo.length > 0).map((one) => `${nameOf(one)}: ${one.notSo.join('; ')}`);

export const countRuns = (report: unknown): Tally => countJudged(runsOf(report));

export const failedRuns = (report: unknown): readonly string[] =>
  failedJudged(runsOf(report), ({ fault, step, source, target }) => `${fault} at ${step}, ${source} → ${target}`);

export const countCases = (report: unknown): Tally => countJudged(casesOf(report));

export const failedCases = (report: unknown): readonly string[] =>
  failedJudged(casesOf(report), ({ client, does }) => `${client}, ${does}`);
