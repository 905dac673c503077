import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { all } from './all.ts';
import { examplesFolder, folderOf } from './folder.ts';

const names = all.map(({ name }) => name);

it('every folder of examples/ has clients that try it', async () => {
  const entries = await readdir(examplesFolder, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  expect(folders.toSorted()).toEqual(names.toSorted());
});

it.each(names)('%s has a manifest that kubectl applies, and a page that says what it shows', async (name) => {
  expect(existsSync(join(folderOf(name), 'kustomization.yaml'))).toBe(true);
  expect(await readFile(join(folderOf(name), 'README.md'), 'utf8')).toContain(`kubectl apply -k examples/${name}`);
});
