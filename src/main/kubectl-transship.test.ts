import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let home: string;

/** Writes down every module that is loaded from a file. */
const recorder = (list: string): string => `
  import { registerHooks } from 'node:module';
  import { appendFileSync } from 'node:fs';
  registerHooks({
    load(url, context, next) {
      if (url.startsWith('file:')) appendFileSync(${JSON.stringify(list)}, url + '\\n');
      return next(url, context);
    },
  });`;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'transship-plugin-'));
});

afterAll(() => {
  rmSync(home, { recursive: true });
});

const run = (...words: readonly string[]) => {
  const list = join(home, 'modules');
  writeFileSync(list, '');
  writeFileSync(join(home, 'recorder.mjs'), recorder(list));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', join(home, 'recorder.mjs'), join(import.meta.dirname, 'kubectl-transship.ts'), ...words],
    { encoding: 'utf8', env: { HOME: home } },
  );
  const modules = readFileSync(list, 'utf8').split('\n');
  const loads = (name: string): boolean => modules.some((url) => url.includes(`/node_modules/${name}/`));
  return { status, stdout, stderr, loads };
};

const writeKubeconfig = (user: object): string => {
  const path = join(home, 'kubeconfig');
  const config = {
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    // Nothing listens on the first port.
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'u', user }],
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
};

/*
 * The plugin is to answer within 0.3 s. A test of the time would be one of the
 * machine, so this is one of what takes the time: of the packages, loading
 * client-node takes 0.6 s and zod 0.1 s of a processor.
 */
describe('the plugin starts without', () => {
  it.each([['--help'], ['pod --help'], ['version --client'], ['completion bash'], ['__complete pod --']])(
    'reading schemas or connecting: %s',
    (line) => {
      const { status, stdout, stderr, loads } = run(...line.split(' '));
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).not.toBe('');
      expect(['@kubernetes/client-node', 'zod', 'yaml'].filter(loads)).toEqual([]);
      expect(loads('commander')).toBe(true);
    },
  );

  it('client-node where the kubeconfig has a certificate or a token', () => {
    const { status, stdout, stderr, loads } = run('get', '--kubeconfig', writeKubeconfig({ token: 't' }));
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error: cannot reach the API server: connect ECONNREFUSED .* Is this the right --kubeconfig/,
    );
    expect(loads('@kubernetes/client-node')).toBe(false);
  });
});

it('other kubeconfigs are read by client-node', () => {
  const { status, stderr, loads } = run('get', '--kubeconfig', writeKubeconfig({ username: 'a', password: 'b' }));
  expect(status).toBe(1);
  expect(stderr).toContain('cannot reach the API server');
  expect(loads('@kubernetes/client-node')).toBe(true);
});

it.each(['plain', 'other'])('a context that does not exist in a %s kubeconfig is named', (kind) => {
  const path = writeKubeconfig(kind === 'plain' ? { token: 't' } : { username: 'a', password: 'b' });
  const { status, stderr } = run('get', '--kubeconfig', path, '--context', 'nowhere');
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: 'error: the kubeconfig has no context nowhere; kubectl config get-contexts lists those it has\n',
  });
});

it('a kubeconfig that does not exist is named', () => {
  const { status, stderr } = run('get', '--kubeconfig', join(home, 'nothing'));
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^error: cannot read the kubeconfig: ENOENT: no such file or directory, open '.*\/nothing'\n$/,
  );
});
