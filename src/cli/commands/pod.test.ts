import { beforeEach, describe, expect, it } from 'vitest';
import { migrationWith } from '../../api/pod-fixture.ts';
import { migrationPolicies, migrations, nodes, pods } from '../../api/resource.ts';
import { ApiError } from '../../kube/api-error.ts';
import { nodeNamed } from '../../scheduling/node-fixture.ts';
import { createPlugin, migrationName, movablePod, type Plugin, putMovable, putNodes } from '../plugin-fixture.ts';

let plugin: Plugin;

beforeEach(() => {
  plugin = createPlugin();
  putMovable(plugin);
});

const made = () => plugin.api.get(migrations, { namespace: 'shop', name: migrationName });
const isMade = async (): Promise<boolean> => (await plugin.api.list(migrations)).items.length > 0;

const created = `migration.transship.dev/${migrationName} created`;

describe('pod', () => {
  it.each(['redis-1', 'pod/redis-1', 'pods/redis-1'])('creates the one Migration of %s', async (word) => {
    expect(await plugin.run('pod', word)).toBe(0);
    expect(plugin.out()).toEqual([created]);
    expect((await made()).spec).toMatchObject({ podName: 'redis-1', podUID: 'uid-1', trigger: 'Request' });
  });

  it.each(['w2', 'node/w2'])('to %s goes there', async (word) => {
    expect(await plugin.run('pod', 'redis-1', '--to', word)).toBe(0);
    expect((await made()).spec.targetNodeName).toBe('w2');
  });

  it('joins a move that is under way, also when its pod could not be moved now', async () => {
    plugin.api.put(migrations, migrationWith({ status: { phase: 'Moving' } }));
    plugin.api.put(pods, movablePod({ spec: { hostNetwork: true } }));
    expect(await plugin.run('pod', 'redis-1')).toBe(0);
    expect(plugin.out()).toEqual([`migration.transship.dev/${migrationName} unchanged (Moving)`]);
  });

  it('joins one that somebody else begins at the same moment', async () => {
    plugin.api.intercept(({ verb }) => {
      if (verb === 'create') plugin.api.put(migrations, migrationWith());
    });
    expect(await plugin.run('pod', 'redis-1')).toBe(0);
    expect(plugin.out()).toEqual([`migration.transship.dev/${migrationName} unchanged (Pending)`]);
  });

  it('warns when no node can take it now, and asks for the move all the same', async () => {
    plugin.api.put(nodes, nodeNamed('w2', { spec: { unschedulable: true } }));
    expect(await plugin.run('pod', 'redis-1')).toBe(0);
    expect(plugin.err()).toEqual([
      'Warning: No node can take the pod now: w1: NodeIsSource: is the source of the move; w2: NodeCordoned: is cordoned. The move waits for one',
    ]);
    expect(plugin.out()).toEqual([created]);
  });

  it('is left to the controller where the user may read nothing of the cluster', async () => {
    plugin.api.intercept(({ plural, verb }) => {
      if (['pods', 'migrations'].includes(plural) && verb !== 'list') return;
      throw new ApiError({ code: 403, reason: 'Forbidden', message: `${plural} is forbidden` });
    });
    expect(await plugin.run('pod', 'redis-1', '--to', 'w2')).toBe(0);
    expect(plugin.out()).toEqual([created]);
  });
});

describe('pod refuses, and changes nothing', () => {
  const more = 'kubectl transship check redis-1 -n shop has more';

  it.each<[string, () => void, string[], string]>([
    [
      'a pod that does not exist',
      () => undefined,
      ['redis-2'],
      'there is no pod redis-2 in namespace shop: kubectl get pods -n shop lists those there are, and -n names another namespace',
    ],
    [
      'what is no pod',
      () => undefined,
      ['deployment/redis'],
      'deployment/redis does not name a Pod: write pod/NAME, or the name alone',
    ],
    [
      'a pod that cannot be moved, with every reason',
      () => plugin.api.put(pods, movablePod({ spec: { hostNetwork: true, hostPID: true } })),
      ['redis-1'],
      `pod redis-1 cannot be moved: HostNetworkUsed: Pod shop/redis-1 uses hostNetwork; HostPIDUsed: Pod shop/redis-1 uses hostPID. Nothing was changed; ${more}`,
    ],
    [
      'a pod of which two policies would hold',
      () => ['a', 'b'].forEach((name) => plugin.api.put(migrationPolicies, { metadata: { name }, spec: {} })),
      ['redis-1'],
      `pod redis-1 cannot be moved: PolicyConflict: Pod shop/redis-1 is selected by the MigrationPolicies a and b, of which none is more specific, so none holds; add a requirement to the selector of the one that is to hold, or make the other not select the pod. Nothing was changed; ${more}`,
    ],
    [
      'a node that does not exist',
      () => undefined,
      ['redis-1', '--to', 'w9'],
      'there is no node w9: kubectl get nodes lists those there are',
    ],
    [
      'the node on which the pod runs',
      () => undefined,
      ['redis-1', '--to', 'w1'],
      `node w1 cannot take pod redis-1: NodeIsSource: is the source of the move. Name another node, or none and let the scheduler choose; ${more}`,
    ],
    [
      'a node that cannot take the pod, with every reason',
      () => {
        putNodes(plugin, 'w3');
        plugin.api.put(
          nodes,
          nodeNamed('w3', {
            spec: { unschedulable: true, taints: [{ key: 'transship.dev/decommissioned', effect: 'NoSchedule' }] },
          }),
        );
      },
      ['redis-1', '--to', 'w3'],
      `node w3 cannot take pod redis-1: NodeCordoned: is cordoned; NodeDecommissioned: is decommissioned. Name another node, or none and let the scheduler choose; ${more}`,
    ],
  ])('%s', async (_what, given, words, said) => {
    given();
    expect(await plugin.run('pod', ...words)).toBe(1);
    expect(plugin.err()).toEqual([`error: ${said}`]);
    expect(plugin.out()).toEqual([]);
    expect(await isMade()).toBe(false);
  });

  it('another target than that of the move that is under way', async () => {
    plugin.api.put(migrations, migrationWith());
    expect(await plugin.run('pod', 'redis-1', '--to', 'w2')).toBe(1);
    expect(plugin.err()).toEqual([
      `error: the pod is being moved by Migration ${migrationName} to a node that the scheduler chooses already`,
    ]);
  });

  it('a pod whose earlier move has failed, and names the way out', async () => {
    plugin.api.put(migrations, migrationWith({ status: { phase: 'Failed', reason: 'NoNodeFits' } }));
    expect(await plugin.run('pod', 'redis-1')).toBe(1);
    expect(plugin.err()).toEqual([
      `error: Migration ${migrationName} of this pod has ended (Failed: NoNodeFits). To try again: kubectl delete migration -n shop ${migrationName}`,
    ]);
  });
});

it('a node that is only busy takes the pod later', async () => {
  const status = { phase: 'Moving', source: { nodeName: 'w9', podUID: 'u' }, target: { podName: 'p', nodeName: 'w2' } };
  for (const name of ['a', 'b']) plugin.api.put(migrations, migrationWith({ metadata: { name }, status }));
  expect(await plugin.run('pod', 'redis-1', '--to', 'w2')).toBe(0);
});

describe('pod --dry-run', () => {
  it('client says what would be done', async () => {
    expect(await plugin.run('pod', 'redis-1', '--dry-run=client')).toBe(0);
    expect(plugin.out()).toEqual([`${created} (dry run)`]);
    expect(await isMade()).toBe(false);
  });

  it('client -o yaml prints what would be created', async () => {
    expect(await plugin.run('pod', 'redis-1', '--to', 'w2', '--dry-run=client', '-o', 'yaml')).toBe(0);
    expect(plugin.out()).toEqual([
      'apiVersion: transship.dev/v1alpha1',
      'kind: Migration',
      'metadata:',
      `  name: ${migrationName}`,
      '  namespace: shop',
      'spec:',
      '  podName: redis-1',
      '  podUID: uid-1',
      '  trigger: Request',
      '  targetNodeName: w2',
    ]);
    expect(await isMade()).toBe(false);
  });

  it('server has it checked', async () => {
    plugin.api.intercept(({ verb }) => {
      if (verb === 'create') throw new ApiError({ code: 403, reason: 'Forbidden', message: 'no more room in shop' });
    });
    expect(await plugin.run('pod', 'redis-1', '--dry-run=server')).toBe(1);
    expect(plugin.err()).toEqual(['error: no more room in shop']);
  });

  it('server changes nothing', async () => {
    expect(await plugin.run('pod', 'redis-1', '--dry-run=server', '-o', 'name')).toBe(0);
    expect(plugin.out()).toEqual([`migration.transship.dev/${migrationName}`]);
    expect(await isMade()).toBe(false);
  });

  it('cannot be waited for', async () => {
    expect(await plugin.run('pod', 'redis-1', '--dry-run=server', '--wait')).toBe(1);
    expect(plugin.err()[0]).toContain("'--wait' cannot be used with option '--dry-run <where>'");
  });
});

describe('pod --wait', () => {
  const source = { nodeName: 'w1', podUID: 'uid-1' };
  const target = { podName: 'redis-1-m1', nodeName: 'w2' };

  const become = async (status: object): Promise<void> => {
    await plugin.clock.advance(0);
    await plugin.api.patch(
      migrations,
      { namespace: 'shop', name: migrationName },
      { status },
      { subresource: 'status' },
    );
    await plugin.clock.advance(0);
  };

  it('tells each step and the result, and waits a moment for the timings', async () => {
    const ended = plugin.run('pod', 'redis-1', '--wait');
    await become({ phase: 'Moving', reason: 'Moving', source });
    await become({ phase: 'Succeeded', reason: 'Moved', target });
    await plugin.clock.advance(1_000);
    await become({ timings: { freezeMs: 210 } });
    expect(await ended).toBe(0);
    expect(plugin.err()).toEqual(['Pending', 'Moving · Moving', 'Succeeded · Moved']);
    expect(plugin.out()).toEqual([created, 'pod/redis-1 moved from w1 to w2 as pod/redis-1-m1, frozen for 210 ms']);
  });

  it('does not wait for timings that never come', async () => {
    const ended = plugin.run('pod', 'redis-1', '--wait');
    await become({ phase: 'Succeeded', source, target });
    await plugin.clock.advance(3_000);
    expect(await ended).toBe(0);
    expect(plugin.out()).toContain('pod/redis-1 moved from w1 to w2 as pod/redis-1-m1');
  });

  it('ends with 2 when the move failed', async () => {
    const ended = plugin.run('pod', 'redis-1', '--wait');
    await become({ phase: 'Failed', reason: 'DumpFailed', message: 'no room' });
    expect(await ended).toBe(2);
    expect(plugin.err()).toEqual(['Pending', 'Failed · DumpFailed · no room']);
  });

  it('asks whether the controller runs when nothing happens', async () => {
    const ended = plugin.run('pod', 'redis-1', '--wait');
    await plugin.clock.advance(20_000);
    plugin.interrupt();
    expect(await ended).toBe(130);
    expect(plugin.err()).toEqual([
      'Pending',
      'Pending · nobody has looked at it for 15 s; does the controller run? kubectl get pods -n transship-system',
      'error: interrupted; what was asked for goes on',
    ]);
  });

  it('says when the Migration is deleted meanwhile', async () => {
    const ended = plugin.run('pod', 'redis-1', '--wait');
    await plugin.clock.advance(0);
    await plugin.api.delete(migrations, { namespace: 'shop', name: migrationName });
    expect(await ended).toBe(1);
    expect(plugin.err()).toContain(`error: Migration shop/${migrationName} was deleted while it was waited for`);
  });

  it('draws a bar where a person watches', async () => {
    plugin = createPlugin({ isTTY: true });
    putMovable(plugin);
    const ended = plugin.run('pod', 'redis-1', '--wait');
    await plugin.clock.advance(2_000);
    await become({ phase: 'Moving', reason: 'Moving', message: 'files are copied' });
    await become({ phase: 'Failed', reason: 'DumpFailed', message: 'no room' });
    expect(await ended).toBe(2);
    const up = '\u001b[1A\r\u001b[0J';
    expect(plugin.err()).toEqual([
      '\r\u001b[0J[..................]   0s Pending',
      `${up}[..................]   1s Pending`,
      `${up}[..................]   2s Pending`,
      `${up}[############......]   2s Moving · Moving · files are copied`,
      `${up}[..................]   2s Failed · DumpFailed · no room`,
    ]);
  });
});
