/** Writes the pages of this folder that are made from the code; with --check it only tells whether they are as they should be. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allReasons, type ReasonKind, reasons } from '../src/api/reasons.ts';
import { pluginPage } from './kubectl-transship-page.ts';

const headings: Record<ReasonKind, string> = {
  unmovable: 'The pod cannot be moved; nothing was touched',
  request: 'The request is wrong',
  node: 'A node cannot take the pod; another may',
  fault: 'An attempt was taken back; unless the reason says otherwise, the source runs on',
  progress: 'All is well',
};

const table = (kind: ReasonKind): string => {
  const rows = allReasons.filter((r) => reasons[r].kind === kind).map((r) => `| \`${r}\` | ${reasons[r].means} |`);
  return [`## ${headings[kind]}`, '', '| reason | what it means |', '| --- | --- |', ...rows, ''].join('\n');
};

const reasonsPage = [
  '# Reasons',
  '',
  'The same words stand in the conditions and events of a Migration and its pod, in the answers of the webhooks, in the logs and in the CLI. This page is generated from `src/api/reason-registry.ts`.',
  '',
  ...(['unmovable', 'request', 'node', 'fault', 'progress'] as const).map(table),
].join('\n');

const pages = { 'reasons.md': reasonsPage, 'kubectl-transship.md': await pluginPage() };

for (const [name, text] of Object.entries(pages)) {
  const path = join(import.meta.dirname, name);
  if (!process.argv.includes('--check')) {
    await writeFile(path, text);
    continue;
  }
  const now = await readFile(path, 'utf8').catch(() => '');
  if (now === text) continue;
  console.error(`docs/${name} is not as generated: run \`make generate\``);
  process.exitCode = 1;
}
