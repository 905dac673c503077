import { beforeEach, describe, expect, it } from 'vitest';
import { migrationWith } from '../../api/pod-fixture.ts';
import { migrationNodes, migrationPolicies, migrations, nodes, pods } from '../../api/resource.ts';
import { ApiError } from '../../kube/api-error.ts';
import { namespaces } from '../../kube/builtin-resources.ts';
import { nodeNamed } from '../../scheduling/node-fixture.ts';
import { createPlugin, movablePod, type Plugin, putMovable, putNodes } from '../plugin-fixture.ts';

let plugin: Plugin;

beforeEach(() => {
  plugin = createPlugin();
});

const forbid = (...plurals: readonly string[]): void => {
  plugin.api.intercept(({ plural }) => {
    if (plurals.includes(plural)) throw new ApiError({ code: 403, reason: 'Forbidden', message: 'no' });
  });
};

const policy = (name: string, spec: object): void => {
  plugin.api.put(migrationPolicies, { metadata: { name }, spec });
};

const cordoned = (name: string): void => {
  plugin.api.put(nodes, nodeNamed(name, { spec: { unschedulable: true } }));
};

/** A move of this pod that has succeeded, and for how long it froze it. */
const moved = (podName: string, freezeMs: number, status: object = {}): void => {
  plugin.api.put(
    migrations,
    migrationWith({
      metadata: { name: `${podName}-move` },
      spec: { podName },
      status: { phase: 'Succeeded', timings: { freezeMs }, ...status },
    }),
  );
};

describe('check of a pod that can be moved', () => {
  beforeEach(() => putMovable(plugin));

  it('says so, under which policy, where to, and for how long it would be frozen', async () => {
    moved('redis-x2x4v', 180);
    moved('redis-bcdfg-m3fa9c2', 240);
    expect(await plugin.run('check', 'redis-1')).toBe(0);
    expect(plugin.out()).toEqual([
      'pod/redis-1 can be moved, as far as its specification tells; its processes are looked at when it is',
      'the built-in policy holds for it',
      'it can go to w2, as far as the agents tell; the scheduler looks at the rest',
      'it would be frozen for about 180 to 240 ms, as pods of its owner were in the last 2 moves',
    ]);
  });

  it('-o wide says why it cannot go to the other nodes', async () => {
    putNodes(plugin, 'w3', 'w4');
    for (const name of ['w3', 'w4']) cordoned(name);
    await plugin.run('check', 'redis-1', '-o', 'wide');
    expect(plugin.out().slice(2, 5)).toEqual([
      'it can go to w2, as far as the agents tell; the scheduler looks at the rest',
      '  not to w1: NodeIsSource: is the source of the move',
      '  not to w3, w4: NodeCordoned: is cordoned',
    ]);
  });

  it.each<[string, () => void]>([
    ['no pod of its owner has been moved', () => undefined],
    ['only others have been moved', () => moved('redis-api-x2x4v', 180)],
    ['a move of such a pod has failed', () => moved('redis-x2x4v', 180, { phase: 'Failed' })],
  ])('does not guess the freeze when %s', async (_when, given) => {
    given();
    await plugin.run('check', 'redis-1');
    expect(plugin.out().at(-1)).toBe(
      'for how long it would be frozen is unknown: no pod of its owner has been moved lately',
    );
  });

  it('knows the move that has brought it here by its UID', async () => {
    moved('another-name', 95, { target: { podName: 'redis-1', podUID: 'uid-1' } });
    await plugin.run('check', 'redis-1');
    expect(plugin.out().at(-1)).toBe('it would be frozen for about 95 ms, as pods of its owner were in the last move');
  });

  const removed = 'it keeps its name, so its object is removed for the move, which is not taken back from then on';
  it.each([
    ['says what is different about one that keeps its name', 'transship', [removed]],
    [
      'says so, too, of one that was not started under our RuntimeClass',
      undefined,
      [removed, 'it was not started under the RuntimeClass transship, so nobody can run a program in it meanwhile'],
    ],
  ])('%s', async (_what, runtimeClassName, lines) => {
    const pod = movablePod();
    const metadata = { ...pod.metadata, ownerReferences: [] };
    plugin.api.put(pods, { ...pod, metadata, spec: { ...pod.spec, runtimeClassName } });
    expect(await plugin.run('check', 'redis-1')).toBe(0);
    expect(plugin.out().slice(4)).toEqual(lines);
  });

  it('names the most specific policy, by the labels of pod and namespace', async () => {
    plugin.api.put(namespaces, { metadata: { name: 'shop', labels: { team: 'a' } } });
    policy('default', {});
    policy('strict', { namespaceSelector: { matchLabels: { team: 'a' } } });
    expect(await plugin.run('check', 'redis-1')).toBe(0);
    expect(plugin.out()[1]).toBe('MigrationPolicy strict holds for it');
  });

  it.each([
    ['policies', 'migrationpolicies', 'which MigrationPolicy holds for it cannot be told, because you may not read'],
    ['namespaces', 'namespaces', 'which MigrationPolicy holds for it cannot be told, because you may not read'],
    ['nodes', 'nodes', 'where it can go cannot be told, because you may not read nodes or MigrationNodes'],
    ['agents', 'migrationnodes', 'where it can go cannot be told, because you may not read nodes or MigrationNodes'],
  ])('says what a user who may not read %s cannot know', async (_what, plural, said) => {
    forbid(plural);
    expect(await plugin.run('check', 'redis-1')).toBe(0);
    expect(plugin.out().join('\n')).toContain(said);
  });
});

describe('check of a pod that cannot be moved', () => {
  it('tells every reason, what each means, and ends with 2', async () => {
    plugin.api.put(pods, movablePod({ spec: { hostNetwork: true } }));
    expect(await plugin.run('check', 'redis-1')).toBe(2);
    const said = plugin.out();
    expect(said[0]).toBe('pod/redis-1 in namespace shop cannot be moved:');
    expect(said.join('\n')).toMatch(/HostNetworkUsed: .*uses hostNetwork\n {4}The pod uses hostNetwork: its sockets/);
    expect(said.join('\n')).toContain('SourceNodeHasNoAgent: ');
  });

  it('tells of policies of which none is more specific', async () => {
    putMovable(plugin);
    policy('a', {});
    policy('b', {});
    expect(await plugin.run('check', 'redis-1')).toBe(2);
    expect(plugin.out()[1]).toMatch(
      /^ {2}PolicyConflict: Pod shop\/redis-1 is selected by the MigrationPolicies a and b,/,
    );
  });

  it('counts one that has no node to go to, with the reasons of each node', async () => {
    putMovable(plugin);
    cordoned('w2');
    expect(await plugin.run('check', 'redis-1')).toBe(2);
    expect(plugin.out()[1]).toBe(
      '  NoNodeFits: No node can take the pod now: w1: NodeIsSource: is the source of the move; w2: NodeCordoned: is cordoned',
    );
  });

  it('holds no agent against it of which the user may not know', async () => {
    putMovable(plugin);
    plugin.api.store.remove('transship.dev/migrationnodes', 'w1');
    forbid('migrationnodes');
    expect(await plugin.run('check', 'redis-1')).toBe(0);
  });
});

describe('check of several pods', () => {
  const labels = { app: 'redis' };

  beforeEach(() => {
    putNodes(plugin, 'w1', 'w2');
    plugin.api.put(pods, movablePod({ metadata: { labels } }));
    plugin.api.put(
      pods,
      movablePod({
        metadata: { name: 'proxy', namespace: 'system', uid: 'uid-2', annotations: {} },
        spec: { hostNetwork: true },
      }),
    );
    plugin.api.put(
      pods,
      movablePod({ metadata: { name: 'elsewhere', uid: 'uid-3', labels }, spec: { nodeName: 'w2' } }),
    );
    plugin.api.put(
      pods,
      movablePod({ metadata: { name: 'done', uid: 'uid-4', labels }, status: { phase: 'Succeeded' } }),
    );
  });

  it('of a node is a table of those in all namespaces', async () => {
    expect(await plugin.run('check', '--node', 'w1')).toBe(0);
    expect(plugin.out()).toEqual([
      'NAMESPACE   POD       MOVABLE   TO   FREEZE      REASONS',
      'shop        redis-1   yes       w2   <unknown>',
      'system      proxy     no                         NotOptedIn,HostNetworkUsed',
    ]);
  });

  it('of a node and a namespace shows that one only', async () => {
    await plugin.run('check', '--node', 'node/w1', '-n', 'system');
    expect(plugin.out().slice(1)).toEqual(['proxy   no                      NotOptedIn,HostNetworkUsed']);
  });

  it('by labels leaves out what has ended', async () => {
    expect(await plugin.run('check', '-l', 'app=redis', '-o', 'wide')).toBe(0);
    expect(plugin.out()).toEqual([
      'POD         MOVABLE   TO   FREEZE      POLICY     REASONS',
      'elsewhere   yes       w1   <unknown>   built-in',
      'redis-1     yes       w2   <unknown>   built-in',
    ]);
  });

  it('ends with 2 when one that opted in cannot be moved', async () => {
    cordoned('w2');
    expect(await plugin.run('check', '-A')).toBe(2);
  });

  it('-o name prints those that can be moved', async () => {
    await plugin.run('check', '-A', '-o', 'name');
    expect(plugin.out()).toEqual(['pod/elsewhere', 'pod/redis-1']);
  });

  it('-o json has all of it', async () => {
    cordoned('w2');
    await plugin.run('check', '-l', 'app=redis', '-o', 'json');
    const { pods: told } = JSON.parse(plugin.out().join('\n')) as { pods: readonly object[] };
    expect(told).toEqual([
      expect.objectContaining({ pod: 'elsewhere', movable: true, reasons: [], freeze: null }),
      {
        namespace: 'shop',
        pod: 'redis-1',
        movable: false,
        reasons: [
          { reason: 'NoNodeFits', message: expect.stringContaining('w2: NodeCordoned: is cordoned') as string },
        ],
        policy: 'built-in',
        nodes: [
          { node: 'w1', fits: false, reasons: [{ reason: 'NodeIsSource', message: 'is the source of the move' }] },
          { node: 'w2', fits: false, reasons: [{ reason: 'NodeCordoned', message: 'is cordoned' }] },
        ],
        freeze: null,
        lostConnections: [],
      },
    ]);
  });

  it('--policy shows those for which it holds', async () => {
    policy('strict', { podSelector: { matchLabels: labels } });
    policy('default', {});
    await plugin.run('check', '-A', '--policy', 'default', '-o', 'json');
    const { pods: told } = JSON.parse(plugin.out().join('\n')) as { pods: readonly { pod: string }[] };
    expect(told.map(({ pod }) => pod)).toEqual(['proxy']);
  });
});

describe('check refuses', () => {
  beforeEach(() => putMovable(plugin));

  it.each<[string, string[], string]>([
    [
      'a pod that does not exist',
      ['redis-2'],
      'there is no pod redis-2 in namespace shop: kubectl get pods -n shop lists',
    ],
    ['a node that does not exist', ['--node', 'w9'], 'there is no node w9: kubectl get nodes lists those there are'],
    [
      'a policy that does not exist',
      ['--policy', 'gold'],
      'there is no MigrationPolicy gold: kubectl get migrationpolicies lists those there are',
    ],
    [
      'labels that select nothing',
      ['-l', 'app=nothing'],
      'there is no running pod in namespace shop with the labels app=nothing: kubectl get pods -n shop --show-labels shows',
    ],
    [
      'a node without pods',
      ['--node', 'w2'],
      'there is no running pod in all namespaces on node w2: kubectl get pods -A',
    ],
    [
      'a name and a selection',
      ['redis-1', '-A'],
      'name a pod, or select pods with -A, -l, --node and --policy, but not both',
    ],
  ])('%s', async (_what, words, said) => {
    expect(await plugin.run('check', ...words)).toBe(1);
    expect(plugin.out()).toEqual([]);
    expect(plugin.err().join('\n')).toContain(`error: ${said}`);
  });
});

describe('a node to which moves go already', () => {
  const target = { podName: 'p', nodeName: 'w2' };
  const going = (name: string, podUID: string): void => {
    const status = { phase: 'Moving', source: { nodeName: 'w9', podUID }, target };
    plugin.api.put(migrations, migrationWith({ metadata: { name }, status }));
  };

  beforeEach(() => {
    putMovable(plugin);
    going('a', 'uid-a');
  });

  it('is no place when they are as many as the policy allows', async () => {
    going('b', 'uid-b');
    expect(await plugin.run('check', 'redis-1')).toBe(2);
    expect(plugin.out()[1]).toContain('w2: NodeInboundLimitReached: takes 2 moves already, the limit is 2');
  });

  it('is one for the pod that is on its way to it', async () => {
    going('b', 'uid-1');
    expect(await plugin.run('check', 'redis-1')).toBe(0);
  });
});

it('an agent that has gone silent is no place', async () => {
  putMovable(plugin);
  plugin.api.put(migrationNodes, { metadata: { name: 'w2' } });
  await plugin.run('check', 'redis-1');
  expect(plugin.out()[1]).toContain(
    'w2: NodeHasNoAgent: has no usable Transship agent (no Transship agent has reported from it)',
  );
});
