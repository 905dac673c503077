import { describe, expect, it } from 'vitest';
import { type CaseReport, conformancePage } from './conformance-page.ts';

const pageOf = (changes: Partial<CaseReport>): string =>
  conformancePage({
    date: '2026-01-02',
    kubernetes: 'v1.2.3',
    clients: [
      {
        name: 'a drain',
        version: 'v4.5.6',
        note: 'The program itself.',
        cases: [
          {
            ...{ does: '`--wait`', outcome: 'waits', passed: true, from: 'docker', to: 'containerd', seconds: 11.6 },
            ...changes,
          },
        ],
      },
    ],
  });

describe('the page about clients', () => {
  it('says when it was run, and against what', () => {
    expect(pageOf({})).toContain('the last run was on 2026-01-02, against Kubernetes v1.2.3');
  });

  it.each<[string, Partial<CaseReport>, string]>([
    ['has a row for each case', {}, '| `--wait` | waits | docker → containerd | 12 s | as it says |'],
    ['does not hide what was not so', { passed: false }, '| **not so** |'],
    ['keeps the columns where a text has a bar', { does: 'a|b' }, '| a\\|b |'],
  ])('%s', (_case, changes, row) => {
    expect(pageOf(changes)).toContain(row);
  });

  it('names the version of each client', () => {
    expect(pageOf({})).toContain('## a drain, v4.5.6\n\nThe program itself.\n');
  });
});
