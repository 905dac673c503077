import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allReasons, isReason } from '../src/api/reasons.ts';

const root = join(import.meta.dirname, '..');

/** What can give a reason: the program, without its registry, its tests and what only those need. */
const isProgram = (path: string): boolean =>
  path.endsWith('.ts') &&
  !/\.test\.ts$|fixture\.ts$|\/fake-|^migration\/history\//.test(path) &&
  !/^api\/reason/.test(path);

const program = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter(isProgram)
  .map((path) => readFileSync(join(root, 'src', path), 'utf8'))
  .join('\n');

const said = new Set([...program.matchAll(/'([A-Z]\w+)'/g)].map(([, word]) => word));

/** Where a reason stands in a condition, an event, a finding or an answer. */
const given = [...program.matchAll(/\breason: '([A-Z]\w+)'/g)].map(([, word = '']) => word);

/** Words of the API server, which stand beside an HTTP code. */
const ofKubernetes = ['TooManyRequests', 'NotFound'];

describe('docs/reasons.md', () => {
  const page = readFileSync(join(root, 'docs', 'reasons.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)];

  it('has one row for every reason, and says what it means', () => {
    expect(rows.map(([, reason = '']) => reason).sort()).toEqual([...allReasons].sort());
    expect(rows.filter(([, , means = '']) => !/^[A-Z].{20,}\.$/.test(means))).toEqual([]);
  });
});

describe('the program', () => {
  it('gives no reason that has no row', () => {
    expect(given.filter((word) => !isReason(word) && !ofKubernetes.includes(word))).toEqual([]);
  });

  it('can give every reason that has a row', () => {
    expect(allReasons.filter((reason) => !said.has(reason))).toEqual([]);
  });
});
