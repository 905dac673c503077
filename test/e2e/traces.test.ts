import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { type TraceReport, traceReport, traceReportFile } from '../cluster/traces.ts';

/* Comes after all tests that move something; what watches them is begun by test/e2e/setup.ts. */

let report: TraceReport;

beforeAll(async () => {
  report = await traceReport(async () => JSON.parse(await readFile(traceReportFile, 'utf8')) as TraceReport);
});

describe('the traces of all moves of this run', () => {
  it('are logs that ShiViz takes, every one of them', () => {
    expect(report.checked.filter(({ faults }) => faults.length > 0)).toEqual([]);
    expect(report.checked.length).toBeGreaterThan(0);
  });

  it('are whole where nobody was killed', () => {
    const succeeded = report.checked.filter(({ phase }) => phase === 'Succeeded');
    const whole = succeeded.filter(({ missing }) => missing.length === 0);
    expect(whole.length).toBeGreaterThan(succeeded.length / 2);
  });
});
