import { beforeEach, describe, expect, it } from 'vitest';
import { migrationWith } from '../../api/pod-fixture.ts';
import { migrations } from '../../api/resource.ts';
import { ApiError } from '../../kube/api-error.ts';
import { eventsIn } from '../../trace/record.ts';
import { createPlugin, migrationName, type Plugin } from '../plugin-fixture.ts';

let plugin: Plugin;

beforeEach(() => {
  plugin = createPlugin();
});

const put = (phase: string, name = migrationName): void => {
  plugin.api.put(
    migrations,
    migrationWith({ metadata: { name }, status: { phase, target: { podName: 'redis-1-m1' } } }),
  );
};
const specOf = async (name = migrationName) => (await plugin.api.get(migrations, { namespace: 'shop', name })).spec;

const requested = `migration.transship.dev/${migrationName} cancellation requested`;

describe('cancel', () => {
  it.each([migrationName, `migration.transship.dev/${migrationName}`])('asks for %s to be taken back', async (word) => {
    put('Moving');
    expect(await plugin.run('cancel', word)).toBe(0);
    expect(plugin.out()).toEqual([requested]);
    expect((await specOf()).cancel).toBe(true);
  });

  it('leaves its event in the Migration, after what the record knows', async () => {
    const status = { phase: 'Moving', trace: { 'agent-w1@00000002': 4 } };
    plugin.api.put(migrations, migrationWith({ status }));
    await plugin.run('cancel', migrationName);
    const cancelled = await plugin.api.get(migrations, { namespace: 'shop', name: migrationName });
    expect(eventsIn(cancelled)).toMatchObject([
      { label: 'asks for the move to be taken back', clock: { 'agent-w1@00000002': 4, 'cli@0c0c0c0c': 1 } },
    ]);
  });

  it('asks once', async () => {
    put('Moving');
    await plugin.run('cancel', migrationName);
    plugin.out();
    expect(await plugin.run('cancel', migrationName)).toBe(0);
    expect(plugin.out()).toEqual([
      `migration.transship.dev/${migrationName} unchanged (cancellation was requested before)`,
    ]);
  });

  it.each([
    ['client', `${requested} (dry run)`],
    ['server', `${requested} (server dry run)`],
  ])('--dry-run=%s changes nothing', async (where, said) => {
    put('Moving');
    expect(await plugin.run('cancel', migrationName, `--dry-run=${where}`)).toBe(0);
    expect(plugin.out()).toEqual([said]);
    expect((await specOf()).cancel).toBeUndefined();
  });

  it('--dry-run=client -o json prints what it would become', async () => {
    put('Moving');
    await plugin.run('cancel', migrationName, '--dry-run=client', '-o', 'json');
    expect(JSON.parse(plugin.out().join('\n'))).toMatchObject({ spec: { podName: 'redis-1', cancel: true } });
  });
});

describe('cancel refuses', () => {
  const committed = `Migration ${migrationName} has committed: its pod runs as redis-1-m1 from now on, and there is nothing to take back any more`;

  it.each([
    ['Committed', committed],
    ['Succeeded', `Migration ${migrationName} has ended (Succeeded): there is nothing to take back any more`],
    ['Failed', `Migration ${migrationName} has ended (Failed): there is nothing to take back any more`],
  ])('a move that is %s', async (phase, said) => {
    put(phase);
    expect(await plugin.run('cancel', migrationName)).toBe(1);
    expect(plugin.err()).toEqual([`error: ${said}`]);
    expect((await specOf()).cancel).toBeUndefined();
  });

  it('one that commits at the same moment, in the same words', async () => {
    put('Moving');
    plugin.api.intercept(({ verb }) => {
      if (verb !== 'patch') return;
      put('Committed');
      throw new ApiError({ code: 422, reason: 'Invalid', message: 'the move has committed' });
    });
    expect(await plugin.run('cancel', migrationName)).toBe(1);
    expect(plugin.err()).toEqual([`error: ${committed}`]);
  });

  it('one of several, and takes back the others', async () => {
    put('Moving', 'a');
    put('Committed', 'b');
    expect(await plugin.run('cancel', 'x', 'b', 'a')).toBe(1);
    expect(plugin.out()).toEqual(['migration.transship.dev/a cancellation requested']);
    expect(plugin.err()).toHaveLength(2);
  });
});
