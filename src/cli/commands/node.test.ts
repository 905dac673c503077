import { beforeEach, describe, expect, it } from 'vitest';
import { migrationWith } from '../../api/pod-fixture.ts';
import { migrations, nodes, pods } from '../../api/resource.ts';
import { nodeNamed } from '../../scheduling/node-fixture.ts';
import { createPlugin, movablePod, type Plugin, putNodes } from '../plugin-fixture.ts';

let plugin: Plugin;

const putPod = (name: string, changes: Parameters<typeof movablePod>[0] = {}): void => {
  const metadata = { name, uid: `uid-${name}`, ...changes.metadata };
  plugin.api.put(pods, movablePod({ ...changes, metadata }));
};

const putMove = (name: string, changes: Parameters<typeof migrationWith>[0] = {}): void => {
  plugin.api.put(migrations, migrationWith({ ...changes, metadata: { name, ...changes.metadata } }));
};

const movesMade = async (): Promise<readonly string[]> =>
  (await plugin.api.list(migrations)).items.map(({ spec }) => spec.podName);

const become = async (name: string, status: object): Promise<void> => {
  await plugin.clock.advance(0);
  await plugin.api.patch(migrations, { namespace: 'shop', name }, { status }, { subresource: 'status' });
  await plugin.clock.advance(0);
};

beforeEach(() => {
  plugin = createPlugin();
  putNodes(plugin, 'w1', 'w2');
});

describe('node', () => {
  it('moves every pod that opted in, and says of each other why it stays', async () => {
    putPod('a');
    putPod('b', { spec: { hostNetwork: true, hostPID: true } });
    putPod('c', { metadata: { annotations: {}, namespace: 'other' }, spec: { hostNetwork: true } });
    putPod('d', { spec: { nodeName: 'w2' } });
    putPod('e', { status: { phase: 'Succeeded' } });
    expect(await plugin.run('node', 'w1')).toBe(2);
    expect(plugin.out()).toEqual(['migration.transship.dev/a-uida created (pod shop/a)']);
    expect(plugin.err()).toEqual([
      'pod other/c stays: NotOptedIn, HostNetworkUsed',
      'pod shop/b stays: HostNetworkUsed: Pod shop/b uses hostNetwork; HostPIDUsed: Pod shop/b uses hostPID',
    ]);
    expect(await movesMade()).toEqual(['a']);
  });

  it('ends with 0 when only those stay that never opted in', async () => {
    putPod('a');
    putPod('c', { metadata: { annotations: {} } });
    expect(await plugin.run('node', 'node/w1')).toBe(0);
  });

  it('leaves the namespaces of the cluster itself alone', async () => {
    putPod('dns', { metadata: { namespace: 'kube-system' } });
    expect(await plugin.run('node', 'w1')).toBe(2);
    expect(plugin.err()).toEqual([
      'pod kube-system/dns stays: namespace kube-system is left alone; kubectl transship pod moves it all the same',
    ]);
  });

  it('joins moves that are under way, and says which have ended', async () => {
    putPod('a');
    putPod('b');
    putMove('a-uida', { status: { phase: 'Moving' } });
    putMove('b-uidb', { status: { phase: 'Failed', reason: 'NoNodeFits' } });
    expect(await plugin.run('node', 'w1')).toBe(2);
    expect(plugin.out()).toEqual(['migration.transship.dev/a-uida unchanged (Moving) (pod shop/a)']);
    expect(plugin.err()).toEqual([
      'pod shop/b stays: Migration b-uidb of this pod has ended (Failed: NoNodeFits). To try again: kubectl delete migration -n shop b-uidb',
    ]);
  });

  it('--dry-run=client changes nothing', async () => {
    putPod('a');
    expect(await plugin.run('node', 'w1', '--dry-run=client')).toBe(0);
    expect(plugin.out()).toEqual(['migration.transship.dev/a-uida created (pod shop/a) (dry run)']);
    expect(await movesMade()).toEqual([]);
  });

  it('--wait tells the steps of each move, and ends with 2 when one has not succeeded', async () => {
    putPod('a');
    putPod('b', { metadata: { namespace: 'other' } });
    const ended = plugin.run('node', 'w1', '--wait');
    await become('a-uida', {
      phase: 'Succeeded',
      target: { podName: 'a-m1', nodeName: 'w2' },
      timings: { freezeMs: 9 },
    });
    await plugin.api.patch(
      migrations,
      { namespace: 'other', name: 'b-uidb' },
      { status: { phase: 'Failed', reason: 'DumpFailed' } },
      { subresource: 'status' },
    );
    expect(await ended).toBe(2);
    expect(plugin.err()).toEqual([
      'b-uidb: Pending',
      'a-uida: Pending',
      'a-uida: Succeeded',
      'b-uidb: Failed · DumpFailed',
    ]);
    expect(plugin.out().at(-1)).toBe('pod/a moved from ? to w2 as pod/a-m1, frozen for 9 ms');
  });

  it('says when there is nothing on it', async () => {
    expect(await plugin.run('node', 'w1')).toBe(0);
    expect(plugin.err()).toEqual(['No pods found on node w1.']);
  });

  it('says when there is no such node', async () => {
    expect(await plugin.run('node', 'w9', '--decommission')).toBe(1);
    expect(plugin.err()).toEqual(['error: there is no node w9: kubectl get nodes lists those there are']);
  });

  it.each([
    ['--decommission', '--recommission'],
    ['--decommission', '--cancel'],
    ['--recommission', '--wait'],
  ])('does not take %s and %s together', async (one, other) => {
    expect(await plugin.run('node', 'w1', one, other)).toBe(1);
    expect(plugin.err().join('\n')).toContain('cannot be used with option');
  });
});

const foreign = { key: 'dedicated', value: 'db', effect: 'NoSchedule' };
const ours = { key: 'transship.dev/decommissioned', effect: 'NoSchedule' };
const taintsOn = async (name: string) => (await plugin.api.get(nodes, { name })).spec?.taints;
const putTaints = (...taints: readonly object[]): void => {
  plugin.api.put(nodes, nodeNamed('w1', { spec: { taints } }));
};

describe('node --decommission', () => {
  it('adds a taint to those that others have put there', async () => {
    putTaints(foreign);
    expect(await plugin.run('node', 'w1', '--decommission')).toBe(0);
    expect(plugin.out()).toEqual(['node/w1 decommissioned']);
    expect(await taintsOn('w1')).toEqual([foreign, ours]);
  });

  it('does it once', async () => {
    putTaints({ ...ours, value: 'by hand', effect: 'NoExecute' });
    expect(await plugin.run('node', 'w1', '--decommission')).toBe(0);
    expect(plugin.out()).toEqual(['node/w1 already decommissioned']);
  });

  it('keeps the taint that somebody else adds at the same moment', async () => {
    let patches = 0;
    plugin.api.intercept(({ verb }) => {
      if (verb === 'patch' && (patches += 1) === 1) putTaints(foreign);
    });
    expect(await plugin.run('node', 'w1', '--decommission')).toBe(0);
    expect(await taintsOn('w1')).toEqual([foreign, ours]);
    expect(patches).toBe(2);
  });

  it('gives up when the node never stands still', async () => {
    plugin.api.intercept(({ verb }) => {
      if (verb === 'patch') putTaints(foreign);
    });
    expect(await plugin.run('node', 'w1', '--decommission')).toBe(1);
    expect(plugin.err()).toEqual(['error: node w1 was changed by somebody else 10 times in a row; try again']);
  });

  it.each(['client', 'server'])('--dry-run=%s changes nothing', async (where) => {
    expect(await plugin.run('node', 'w1', '--decommission', `--dry-run=${where}`, '-o', 'json')).toBe(0);
    expect(JSON.parse(plugin.out().join('\n'))).toMatchObject({ spec: { taints: [ours] } });
    expect(await taintsOn('w1')).toBeUndefined();
  });

  const report = async (status: string, reason: string, message: string): Promise<void> => {
    const conditions = [{ type: 'Decommissioned', status, reason, message }];
    await plugin.clock.advance(0);
    await plugin.api.patch(nodes, { name: 'w1' }, { status: { conditions } }, { subresource: 'status' });
    await plugin.clock.advance(0);
  };

  it('--wait tells what the controller reports until the node is empty', async () => {
    const ended = plugin.run('node', 'w1', '--decommission', '--wait');
    await plugin.clock.advance(16_000);
    await report('False', 'Emptying', '3 of 7 pods have left');
    await report('True', 'Empty', 'nothing is left');
    expect(await ended).toBe(0);
    expect(plugin.err()).toEqual([
      'waiting for the controller',
      'waiting for the controller: nobody has said so for 15 s; does the controller run? kubectl get pods -n transship-system',
      'Emptying · 3 of 7 pods have left',
      'Empty · nothing is left',
    ]);
    expect(plugin.out()).toEqual(['node/w1 decommissioned', 'node/w1 is empty']);
  });

  it('--wait ends when somebody takes it back', async () => {
    const ended = plugin.run('node', 'w1', '--decommission', '--wait');
    await plugin.clock.advance(0);
    await plugin.run('node', 'w1', '--recommission');
    expect(await ended).toBe(1);
    expect(plugin.err()).toContain('error: node w1 is not decommissioned any more');
  });
});

describe('node --recommission', () => {
  it('takes away that taint and no other', async () => {
    putTaints(foreign, ours);
    expect(await plugin.run('node', 'w1', '--recommission')).toBe(0);
    expect(plugin.out()).toEqual(['node/w1 recommissioned']);
    expect(await taintsOn('w1')).toEqual([foreign]);
  });

  it('says when there is nothing to take back', async () => {
    expect(await plugin.run('node', 'w1', '--recommission')).toBe(0);
    expect(plugin.out()).toEqual(['node/w1 unchanged (it was not decommissioned)']);
  });
});

describe('node --cancel', () => {
  const from = (nodeName: string, phase: string) => ({
    status: { phase, source: { nodeName, podUID: 'u' }, target: { podName: 'target', nodeName: 'w2' } },
  });

  it('takes back every move away from it that has not committed', async () => {
    putPod('waits', { metadata: { namespace: 'other' } });
    putMove('a', from('w1', 'Moving'));
    putMove('b', { metadata: { namespace: 'other' }, spec: { podName: 'waits' } });
    putMove('c', from('w2', 'Moving'));
    putMove('d', from('w1', 'Failed'));
    expect(await plugin.run('node', 'w1', '--cancel')).toBe(0);
    expect(plugin.out()).toEqual([
      'migration.transship.dev/a cancellation requested',
      'migration.transship.dev/b cancellation requested',
    ]);
    const cancelled = (await plugin.api.list(migrations)).items.filter(({ spec }) => spec.cancel);
    expect(cancelled.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
  });

  it('says which could not be taken back, and why', async () => {
    putMove('a', from('w1', 'Moving'));
    putMove('b', from('w1', 'Committed'));
    expect(await plugin.run('node', 'w1', '--cancel')).toBe(2);
    expect(plugin.out()).toEqual(['migration.transship.dev/a cancellation requested']);
    expect(plugin.err()).toEqual([
      'Migration b has committed: its pod runs as target from now on, and there is nothing to take back any more',
    ]);
  });

  it('--wait waits until they have ended', async () => {
    putMove('a', from('w1', 'Moving'));
    const ended = plugin.run('node', 'w1', '--cancel', '--wait');
    await become('a', { phase: 'Cancelled', reason: 'CancelRequested' });
    expect(await ended).toBe(0);
    expect(plugin.err()).toEqual(['Moving', 'Cancelled · CancelRequested']);
  });

  it('says when none is under way', async () => {
    expect(await plugin.run('node', 'w1', '--cancel')).toBe(0);
    expect(plugin.err()).toEqual(['No move away from node w1 is under way.']);
  });
});
