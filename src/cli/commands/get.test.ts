import { beforeEach, describe, expect, it } from 'vitest';
import { migrationWith } from '../../api/pod-fixture.ts';
import { migrations } from '../../api/resource.ts';
import { createPlugin, type Plugin } from '../plugin-fixture.ts';

let plugin: Plugin;

const put = (metadata: object, status?: object, more: object = {}): void => {
  plugin.api.put(migrations, { ...migrationWith({ metadata, ...(status && { status }) }), ...more });
};

beforeEach(() => {
  plugin = createPlugin();
});

describe('get', () => {
  beforeEach(() => {
    put(
      { name: 'a', creationTimestamp: '2025-12-31T23:59:15Z', labels: { wave: '1' } },
      {
        phase: 'Succeeded',
        reason: 'Moved',
        source: { nodeName: 'w1', podUID: 'u' },
        target: { podName: 'p', nodeName: 'w2' },
        timings: { freezeMs: 210 },
      },
    );
    put({ name: 'b', namespace: 'other', creationTimestamp: '2025-12-31T20:00:00Z' });
  });

  it('shows one namespace', async () => {
    expect(await plugin.run('get')).toBe(0);
    expect(plugin.out()).toEqual([
      'NAME   TARGET   PHASE       FREEZE   AGE',
      'a      w2       Succeeded   210      45s',
    ]);
  });

  it('-A shows all, also one that nobody has looked at', async () => {
    await plugin.run('get', '-A');
    expect(plugin.out()).toEqual([
      'NAMESPACE   NAME   TARGET   PHASE       FREEZE   AGE',
      'shop        a      w2       Succeeded   210      45s',
      'other       b               Pending              4h',
    ]);
  });

  it('-o wide shows what kubectl does', async () => {
    await plugin.run('get', '-o', 'wide');
    expect(plugin.out()).toEqual([
      'NAME   TARGET   PHASE       FREEZE   AGE   POD       SOURCE   REASON   TRIGGER   POLICY   TARGET-POD',
      'a      w2       Succeeded   210      45s   redis-1   w1       Moved    Request            p',
    ]);
  });

  it('-o name prints names that other commands take', async () => {
    await plugin.run('get', '-o', 'name');
    expect(plugin.out()).toEqual(['migration.transship.dev/a']);
  });

  it('-l shows those with these labels', async () => {
    await plugin.run('get', '-A', '-l', 'wave=1', '-o', 'name');
    expect(plugin.out()).toEqual(['migration.transship.dev/a']);
  });

  it('NAME -o json prints the object with every field that it has but who wrote them', async () => {
    put({ name: 'c', managedFields: [{}] }, undefined, { novelty: { of: 'a later version' } });
    plugin.api.put(migrations, {
      ...migrationWith({ metadata: { name: 'c' } }),
      metadata: { name: 'c', namespace: 'shop', generation: 3, managedFields: [{}] },
      novelty: 1,
    });
    await plugin.run('get', 'migration/c', '-o', 'json');
    const object = JSON.parse(plugin.out().join('\n')) as { metadata: object };
    expect(object).toMatchObject({ novelty: 1, metadata: { name: 'c', generation: 3 } });
    expect(object.metadata).not.toHaveProperty('managedFields');
  });

  it('-o yaml prints a list', async () => {
    await plugin.run('get', '-o', 'yaml');
    expect(plugin.out().slice(0, 5)).toEqual([
      'apiVersion: v1',
      'kind: List',
      'metadata:',
      '  resourceVersion: ""',
      'items:',
    ]);
  });

  it('shows those that there are, and says which are missing', async () => {
    expect(await plugin.run('get', 'a', 'x', '-o', 'name')).toBe(1);
    expect(plugin.out()).toEqual(['migration.transship.dev/a']);
    expect(plugin.err()).toEqual([
      'error: there is no Migration x in namespace shop: kubectl get migrations -n shop lists those there are, and -n names another namespace',
    ]);
  });

  it('takes names or a selection', async () => {
    expect(await plugin.run('get', 'a', '-A')).toBe(1);
    expect(plugin.err()).toEqual([
      'error: a move is named within one namespace: give names, or -A and -l, but not both',
    ]);
  });
});

describe('get of nothing', () => {
  it.each([
    [[], 'No migrations found in shop namespace.'],
    [['-A'], 'No migrations found'],
  ])('%j says so, as kubectl does', async (words, said) => {
    expect(await plugin.run('get', ...words)).toBe(0);
    expect(plugin.err()).toEqual([said]);
    expect(plugin.out()).toEqual([]);
  });

  it('-o json prints an empty list', async () => {
    expect(await plugin.run('get', '-o', 'json')).toBe(0);
    expect(JSON.parse(plugin.out().join('\n'))).toMatchObject({ kind: 'List', items: [] });
  });
});

it('shows more than the server puts on a page', async () => {
  for (let number = 0; number < 501; number += 1) put({ name: `m-${number}` });
  await plugin.run('get', '-o', 'name');
  expect(plugin.out()).toHaveLength(501);
});
