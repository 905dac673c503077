import { beforeEach, describe, expect, it } from 'vitest';
import { migrationWith, podWith } from '../../api/pod-fixture.ts';
import { migrationPolicies, migrations, pods } from '../../api/resource.ts';
import { namespaces } from '../../kube/builtin-resources.ts';
import { createPlugin, migrationName, type Plugin, putNodes } from '../plugin-fixture.ts';

let plugin: Plugin;

beforeEach(() => {
  plugin = createPlugin();
  putNodes(plugin, 'w1', 'w2');
  for (const name of ['redis-1', 'web-1']) plugin.api.put(pods, podWith({ metadata: { name } }));
  plugin.api.put(pods, podWith({ metadata: { name: 'db-1', namespace: 'other' } }));
  plugin.api.put(migrations, migrationWith());
  plugin.api.put(migrationPolicies, { metadata: { name: 'gold' }, spec: {} });
  plugin.api.put(namespaces, { metadata: { name: 'shop' } });
});

const completed = async (...words: string[]): Promise<readonly string[]> => {
  expect(await plugin.run('__complete', ...words)).toBe(0);
  const lines = plugin.out();
  expect(lines.at(-1)).toBe(':4');
  return lines.slice(0, -1);
};

const valuesOf = async (...words: string[]): Promise<readonly string[]> =>
  (await completed(...words)).map((line) => line.split('\t')[0] ?? '');

describe('what is completed', () => {
  it.each<[string, string[], string[]]>([
    ['commands', ['c'], ['check', 'cancel', 'completion']],
    ['commands behind a flag', ['-n', 'shop', 'des'], ['describe']],
    ['flags', ['pod', 'redis-1', '--w'], ['--wait']],
    ['flags that all commands have', ['get', '--name'], ['--namespace']],
    ['what a flag may be', ['get', '-o', ''], ['wide', 'json', 'yaml', 'name']],
    ['what a flag may be, behind the sign', ['pod', 'x', '--dry-run=s'], ['server']],
    ['what a flag may be, as bash cuts it', ['pod', 'x', '--dry-run', '=', 's'], ['server']],
    ['what a flag may be, as bash cuts it at the sign', ['pod', 'x', '--dry-run', '='], ['client', 'server']],
    ['what an argument may be', ['completion', 'z'], ['zsh']],
    ['pods', ['check', ''], ['redis-1', 'web-1']],
    ['pods that begin so', ['pod', 'we'], ['web-1']],
    ['pods of another namespace', ['pod', '-n', 'other', ''], ['db-1']],
    ['pods of another namespace, behind the sign', ['--namespace=other', 'pod', ''], ['db-1']],
    ['pods behind a flag without a value', ['pod', '--wait', 'r'], ['redis-1']],
    ['nodes', ['node', ''], ['w1', 'w2']],
    ['nodes of a flag', ['pod', 'redis-1', '--to', 'w'], ['w1', 'w2']],
    ['nodes of a flag, behind the sign', ['check', '--node=w2'], ['w2']],
    ['moves', ['describe', ''], [migrationName]],
    ['one move after another', ['cancel', 'x', 'y', 'red'], [migrationName]],
    ['policies', ['check', '--policy', ''], ['gold']],
    ['namespaces', ['get', '-n', 's'], ['shop']],
    ['nothing after the last argument', ['pod', 'redis-1', ''], []],
    ['nothing of a command that does not exist', ['move', ''], []],
    ['nothing that is free', ['get', '-l', ''], []],
  ])('%s', async (_what, words, expected) => {
    expect((await valuesOf(...words)).toSorted()).toEqual(expected.toSorted());
  });
});

it('says a few words about each command', async () => {
  expect(await completed('can')).toEqual(['cancel\ttake moves back']);
});

it('is silent when the cluster does not answer', async () => {
  plugin.api.intercept(() => {
    throw new Error('connect ECONNREFUSED');
  });
  expect(await completed('pod', '')).toEqual([]);
  expect(plugin.err()).toEqual([]);
});

it('asks the cluster for names only', async () => {
  await completed('pod', '--');
  expect(plugin.api.requests).toEqual([]);
});
