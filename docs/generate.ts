/** Writes the pages that are made from the code; with --check it only tells whether they are as they should be. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { conformancePage, type ConformanceReport } from './conformance-page.ts';
import { evictionPage } from './eviction-page.ts';
import { pluginPage } from './kubectl-transship-page.ts';
import { reasonsPage } from './reasons-page.ts';

/** Of the last run of `make conformance` that was kept; without one there is no such page. */
const ofClients = await readFile(join(import.meta.dirname, 'conformance.json'), 'utf8').then(
  (report) => ({ 'conformance.md': conformancePage(JSON.parse(report) as ConformanceReport) }),
  () => undefined,
);

const pages: Readonly<Record<string, string>> = {
  'reasons.md': reasonsPage(),
  'eviction.md': evictionPage(),
  'kubectl-transship.md': await pluginPage(),
  ...ofClients,
};

for (const [name, text] of Object.entries(pages)) {
  const path = join(import.meta.dirname, name);
  if (!process.argv.includes('--check')) await writeFile(path, text);
  else if ((await readFile(path, 'utf8').catch(() => '')) !== text) {
    console.error(`docs/${name} is not as generated: run \`make generate\``);
    process.exitCode = 1;
  }
}
