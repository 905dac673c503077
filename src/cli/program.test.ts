import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../kube/api-error.ts';
import { createPlugin, type Plugin } from './plugin-fixture.ts';

let plugin: Plugin;

beforeEach(() => {
  plugin = createPlugin();
});

describe('what went wrong is told to the person at the terminal', () => {
  it.each([
    [
      'refused',
      new ApiError({ code: 403, reason: 'Forbidden', message: 'migrations is forbidden' }),
      'error: migrations is forbidden',
    ],
    [
      'not installed',
      new ApiError({ code: 404, reason: 'NotFound', message: 'no such resource\n' }),
      'error: no such resource. Is Transship installed in this cluster?',
    ],
    [
      'no kubeconfig',
      Object.assign(new Error("ENOENT: no such file, open '/x'"), { code: 'ENOENT' }),
      "error: cannot read the kubeconfig: ENOENT: no such file, open '/x'",
    ],
    [
      'not reached',
      Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
      'error: cannot reach the API server: connect ECONNREFUSED. Is this the right --kubeconfig and --context?',
    ],
  ])('%s', async (_case, error, message) => {
    plugin.api.intercept(() => {
      throw error;
    });
    expect(await plugin.run('get')).toBe(1);
    expect(plugin.err()).toEqual([message]);
    expect(plugin.out()).toEqual([]);
  });

  it.each([
    [['pod'], "missing required argument 'pod'"],
    [['move', 'redis-1'], "unknown command 'move'"],
    [['get', '--frobnicate'], "unknown option '--frobnicate'"],
    [['get', '-o', 'table'], 'Allowed choices are wide, json, yaml, name'],
    [['get', 'a', '-n'], "option '-n, --namespace <namespace>' argument missing"],
  ])('%j is no command line', async (words, said) => {
    expect(await plugin.run(...words)).toBe(1);
    expect(plugin.err().join('\n')).toContain(said);
    expect(plugin.api.requests).toEqual([]);
  });
});

describe('flags of the connection', () => {
  it.each([[['get', '-n', 'other']], [['-n', 'other', 'get']], [['get', '--namespace=other']]])(
    '%j stand before a command or behind it',
    async (words) => {
      await plugin.run(...words);
      expect(plugin.err()).toEqual(['No migrations found in other namespace.']);
    },
  );
});

describe('--help', () => {
  it('of the program lists commands and exit codes', async () => {
    expect(await plugin.run('--help')).toBe(0);
    const text = plugin.out().join('\n');
    for (const said of ['Usage: kubectl transship [options] [command]', 'Exit codes:', 'Examples:'])
      expect(text).toContain(said);
  });

  it('of a command has its flags, those of the connection, and examples', async () => {
    expect(await plugin.run('pod', '--help')).toBe(0);
    const text = plugin.out().join('\n');
    expect(text).toContain('Usage: kubectl transship pod [options] <pod>');
    expect(text).toContain('kubectl transship pod redis-7d4b9 --to node-2 --wait');
    expect(text).toContain('--kubeconfig <file>');
  });

  it.each(['check', 'pod', 'node', 'get', 'describe', 'watch', 'trace', 'cancel', 'version', 'completion'])(
    'of %s fits into 80 characters where nothing is said of the width',
    async (command) => {
      await plugin.run(command, '--help');
      expect(plugin.out().filter((line) => line.length > 88)).toEqual([]);
    },
  );
});
