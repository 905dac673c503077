import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { migrationNodes } from '../../api/resource.ts';
import { ApiError } from '../../kube/api-error.ts';
import { daemonSets, deployments } from '../../kube/builtin-resources.ts';
import { agentOf } from '../../scheduling/node-fixture.ts';
import { createPlugin, type Plugin } from '../plugin-fixture.ts';

let plugin: Plugin;

beforeEach(() => {
  plugin = createPlugin();
});

const { version: own } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const workload = (name: string, image: string, labels?: object) => ({
  metadata: { name, namespace: 'transship-system', labels },
  spec: { template: { spec: { containers: [{ name: 'main', image }] } } },
});

const install = (): void => {
  const label = { 'app.kubernetes.io/version': '0.1.0' };
  plugin.api.put(deployments, workload('transship-controller', 'ghcr.io/transship/transship:main', label));
  plugin.api.put(daemonSets, workload('transship-agent', 'registry:5000/transship:0.0.9'));
  for (const name of ['w1', 'w2']) plugin.api.put(migrationNodes, agentOf(name, { protocol: 2 }));
  plugin.api.put(migrationNodes, agentOf('w3'));
  plugin.api.put(migrationNodes, { metadata: { name: 'w4' } });
};

describe('version', () => {
  it('prints those of the program, the controller and the agents, with the nodes of each protocol', async () => {
    install();
    expect(await plugin.run('version')).toBe(0);
    expect(plugin.out()).toEqual([
      `Client Version: ${own}`,
      'Controller Version: 0.1.0 (ghcr.io/transship/transship:main)',
      'Agent Version: 0.0.9 (registry:5000/transship:0.0.9)',
      'Agent Protocol: 2 (w1, w2)',
      'Agent Protocol: 1 (w3)',
    ]);
  });

  it('-o json has what each agent reported', async () => {
    install();
    await plugin.run('version', '-o', 'json');
    expect(JSON.parse(plugin.out().join('\n'))).toMatchObject({
      client: own,
      controller: { version: '0.1.0' },
      nodes: [{ node: 'w1', protocol: 2, runtime: 'containerd 2.1.9', criu: '4.2.1' }, { node: 'w2' }, { node: 'w3' }],
    });
  });

  it('says when Transship is not installed', async () => {
    plugin.api.intercept(({ plural }) => {
      if (plural === 'migrationnodes') throw new ApiError({ code: 404, reason: 'NotFound', message: 'no such kind' });
    });
    expect(await plugin.run('version')).toBe(0);
    expect(plugin.out().slice(1)).toEqual(['Controller Version: not installed', 'Agent Version: not installed']);
  });

  it('says what the user may not read', async () => {
    plugin.api.intercept(() => {
      throw new ApiError({ code: 403, reason: 'Forbidden', message: 'no' });
    });
    expect(await plugin.run('version')).toBe(0);
    expect(plugin.out()[1]).toBe(
      'Controller Version: unknown (you may not read deployments in namespace transship-system)',
    );
  });

  it('prints its own also when the cluster cannot be reached, and says so', async () => {
    plugin.api.intercept(() => {
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    });
    expect(await plugin.run('version')).toBe(1);
    expect(plugin.out()).toEqual([`Client Version: ${own}`]);
    expect(plugin.err()[0]).toContain('cannot reach the API server');
  });

  it('--client asks no cluster', async () => {
    expect(await plugin.run('version', '--client', '-o', 'yaml')).toBe(0);
    expect(plugin.out()).toEqual([`client: ${own}`]);
    expect(plugin.api.requests).toEqual([]);
  });
});
