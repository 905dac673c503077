import { beforeEach, describe, expect, it } from 'vitest';
import { migrationNodes, migrationPolicies, pods } from '../../api/resource.ts';
import { agentOf } from '../../scheduling/node-fixture.ts';
import { createPlugin, movablePod, type Plugin, putMovable } from '../plugin-fixture.ts';

let plugin: Plugin;

beforeEach(() => {
  plugin = createPlugin();
});

describe('check of a pod with connections that its node masquerades', () => {
  beforeEach(() => {
    putMovable(plugin);
    const masqueraded = [{ ip: '10.0.0.9', peers: ['192.0.2.9:443/tcp'] }];
    plugin.api.put(migrationNodes, agentOf('w1', { masqueraded }));
    plugin.api.put(pods, movablePod({ status: { podIP: '10.0.0.9' } }));
  });

  it('says which it would lose', async () => {
    expect(await plugin.run('check', 'redis-1')).toBe(0);
    expect(plugin.out().at(-1)).toBe(
      'ConnectionsLost: it would lose its connections to 192.0.2.9:443/tcp, which know it by the address of its node',
    );
  });

  it('says that it cannot, where its policy does not let it lose any', async () => {
    plugin.api.put(migrationPolicies, { metadata: { name: 'default' }, spec: { lostConnections: 'Refuse' } });
    expect(await plugin.run('check', 'redis-1')).toBe(2);
    expect(plugin.out()).toContainEqual(expect.stringContaining('ConnectionsLost: Pod shop/redis-1 would lose'));
  });
});
