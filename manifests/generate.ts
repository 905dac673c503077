import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { customResourceDefinitions } from '../src/api/crd.ts';
import { policyFiles } from './policies/all.ts';

/*
 * node manifests/generate.ts           writes manifests/base/crds and manifests/base/policies
 * node manifests/generate.ts --check   fails when they are not what it would write
 */

const base = join(import.meta.dirname, 'base');

const yamlOf = (document: object): string => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });

const headerFrom = (source: string): string => `# Generated from ${source} by manifests/generate.ts. Do not edit.\n`;

/** Folder to file name to text. */
const wanted: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  crds: new Map(
    [...customResourceDefinitions()].map(([name, definition]) => [name, headerFrom('src/api') + yamlOf(definition)]),
  ),
  policies: new Map(
    [...policyFiles()].map(([name, { comment, documents }]) => [
      name,
      `${headerFrom('manifests/policies')}# ${comment}\n${documents.map(yamlOf).join('---\n')}`,
    ]),
  ),
};

const present = (folder: string, name: string): string | undefined => {
  try {
    return readFileSync(join(base, folder, name), 'utf8');
  } catch {
    return undefined;
  }
};

for (const [folder, files] of Object.entries(wanted)) {
  mkdirSync(join(base, folder), { recursive: true });
  const superfluous = readdirSync(join(base, folder)).filter((name) => !files.has(name));
  const drifted = [...files].filter(([name, text]) => present(folder, name) !== text).map(([name]) => name);
  if (process.argv.includes('--check')) {
    const wrong = [...drifted, ...superfluous];
    if (wrong.length === 0) continue;
    console.error(`manifests/base/${folder} is not as generated: ${wrong.join(', ')}. Run: make generate`);
    process.exitCode = 1;
  } else {
    for (const name of superfluous) rmSync(join(base, folder, name));
    for (const name of drifted) writeFileSync(join(base, folder, name), files.get(name) ?? '');
  }
}
