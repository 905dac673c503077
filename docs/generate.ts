/** Writes docs/reasons.md from the registry; with --check it only tells whether the file is as it should be. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allReasons, type ReasonKind, reasons } from '../src/api/reasons.ts';

const path = join(import.meta.dirname, 'reasons.md');

const headings: Record<ReasonKind, string> = {
  unmovable: 'The pod cannot be moved; nothing was touched',
  request: 'The request is wrong',
  fault: 'An attempt was taken back; unless the reason says otherwise, the source runs on',
  progress: 'All is well',
};

const table = (kind: ReasonKind): string => {
  const rows = allReasons.filter((r) => reasons[r].kind === kind).map((r) => `| \`${r}\` | ${reasons[r].means} |`);
  return [`## ${headings[kind]}`, '', '| reason | what it means |', '| --- | --- |', ...rows, ''].join('\n');
};

const text = [
  '# Reasons',
  '',
  'The same words stand in the conditions and events of a Migration and its pod, in the answers of the webhooks, in the logs and in the CLI. This page is generated from `src/api/reason-registry.ts`.',
  '',
  ...(['unmovable', 'request', 'fault', 'progress'] as const).map(table),
].join('\n');

if (process.argv.includes('--check')) {
  const now = await readFile(path, 'utf8').catch(() => '');
  if (now !== text) console.error('docs/reasons.md is not as generated: run `make generate`');
  process.exitCode = now === text ? 0 : 1;
} else {
  await writeFile(path, text);
}
