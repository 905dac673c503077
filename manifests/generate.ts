import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { customResourceDefinitions } from '../src/api/crd.ts';

/*
 * node manifests/generate.ts           writes manifests/base/crds
 * node manifests/generate.ts --check   fails when they are not what it would write
 */

const folder = join(import.meta.dirname, 'base', 'crds');
const header = '# Generated from src/api by manifests/generate.ts. Do not edit.\n';

const textOf = (definition: object): string =>
  `${header}${stringify(definition, { lineWidth: 0, aliasDuplicateObjects: false })}`;

const wanted = new Map([...customResourceDefinitions()].map(([name, definition]) => [name, textOf(definition)]));

const present = (name: string): string | undefined => {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return undefined;
  }
};

mkdirSync(folder, { recursive: true });
const superfluous = readdirSync(folder).filter((name) => !wanted.has(name));
const drifted = [...wanted].filter(([name, text]) => present(name) !== text).map(([name]) => name);

if (process.argv.includes('--check')) {
  const wrong = [...drifted, ...superfluous];
  if (wrong.length > 0) {
    console.error(`manifests/base/crds differ from src/api: ${wrong.join(', ')}. Run: node manifests/generate.ts`);
    process.exitCode = 1;
  }
} else {
  for (const name of superfluous) rmSync(join(folder, name));
  for (const name of drifted) writeFileSync(join(folder, name), wanted.get(name) ?? '');
}
