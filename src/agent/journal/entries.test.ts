import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { entriesOf, type Entries } from './entries.ts';

interface Entry {
  readonly name: string;
}

let directory: string;
let entries: Entries<Entry>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'journal-'));
  entries = entriesOf('source', z.object({ name: z.string() }), directory);
});

afterEach(() => rm(directory, { recursive: true }));

describe('the journal of an agent', () => {
  it('is empty where nothing was ever moved', async () => {
    await rm(directory, { recursive: true });
    expect(await entries.read()).toEqual([]);
    await entries.write('a', { name: 'first' });
    expect(await entries.read()).toEqual([{ name: 'first' }]);
  });

  it('has the last that was written of each, until it is taken away', async () => {
    await entries.write('a', { name: 'first' });
    await entries.write('a', { name: 'second' });
    await entries.write('b', { name: 'other' });
    expect(await entries.read()).toEqual([{ name: 'second' }, { name: 'other' }]);
    await entries.remove('a');
    await entries.remove('a');
    expect(await entries.read()).toEqual([{ name: 'other' }]);
  });

  it('leaves the files of the other side alone, and those that are not whole yet', async () => {
    for (const name of ['target-a.json', 'source-b.json.new', 'source-c.asked'])
      await writeFile(join(directory, name), '{}');
    expect(await entries.read()).toEqual([]);
    expect(await entries.unreadable()).toEqual([]);
  });

  it.each([
    ['written by another version', '{"title":"x"}', /name/],
    ['cut off', '{"name":"x', /JSON/],
  ])('says which entry was %s, keeps it, and reads the others', async (_, text, why) => {
    await entries.write('a', { name: 'first' });
    await writeFile(join(directory, 'source-b.json'), text);
    expect(await entries.read()).toEqual([{ name: 'first' }]);
    const [found, ...rest] = await entries.unreadable();
    expect(rest).toEqual([]);
    expect(found).toEqual({ path: join(directory, 'source-b.json'), why: expect.stringMatching(why) as string });
    expect(await readdir(directory)).toContain('source-b.json');
  });
});
