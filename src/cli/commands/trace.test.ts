import { beforeEach, describe, expect, it } from 'vitest';
import { migrationWith, podWith } from '../../api/pod-fixture.ts';
import { migrations, pods } from '../../api/resource.ts';
import { ApiError } from '../../kube/api-error.ts';
import { faultsInLog } from '../../trace/shiviz-rules.ts';
import { createPlugin, migrationName, type Plugin, putMovable } from '../plugin-fixture.ts';

const [controller, agent, restarted] = ['controller@00000001', 'agent-w1@00000002', 'agent-w1@00000003'];

let plugin: Plugin;

beforeEach(() => {
  plugin = createPlugin();
});

/** A line as a role writes it, among lines that are none. */
const logged = (actor: string, label: string, clock: object, migration = 'm-1'): string =>
  JSON.stringify({
    level: 'info',
    time: '2026-01-01T00:00:03.000Z',
    trace: { migration, actor, clock, label, time: '2026-01-01T00:00:02.000Z', fields: { reason: 'Moving' } },
    msg: 'Something happened in a move',
  });

const ofSystem = (component: 'controller' | 'agent', node: string, restartCount = 0): void => {
  const name = `transship-${component}-${node}`;
  const status = { name: component, image: '', imageID: '', ready: true, restartCount };
  plugin.api.put(
    pods,
    podWith({
      metadata: { namespace: 'transship-system', name, labels: { 'app.kubernetes.io/component': component } },
      spec: { nodeName: node },
      status: { containerStatuses: [status] },
    }),
  );
};

const putLog = (component: 'controller' | 'agent', node: string, lines: readonly string[], previous = false): void => {
  const pod = { namespace: 'transship-system', name: `transship-${component}-${node}` };
  plugin.api.putLog(pod, { container: component, previous }, lines);
};

const putMove = (trace: object = {}, annotations: object = {}): void => {
  const source = { nodeName: 'w1', podUID: 'uid-1' };
  plugin.api.put(migrations, migrationWith({ metadata: { annotations }, status: { phase: 'Moving', source, trace } }));
};

const putWhole = (): void => {
  putMove({ [controller]: 1, [agent]: 2, [restarted]: 1 });
  ofSystem('controller', 'w3');
  ofSystem('agent', 'w1', 1);
  ofSystem('agent', 'w2');
  putLog('controller', 'w3', ['panic: no JSON', logged(controller, 'writes Inspecting', { [controller]: 1 })]);
  putLog('agent', 'w1', [logged(agent, 'writes source', { [agent]: 1, [controller]: 1 })], true);
  const two = [
    logged(agent, 'is of another move', { [agent]: 2 }, 'm-2'),
    logged(restarted, 'writes Retrying', { [restarted]: 1, [agent]: 2 }),
  ];
  putLog('agent', 'w1', two);
};

describe('trace', () => {
  it('shows what logs of now and before have, and what they have not', async () => {
    putWhole();
    expect(await plugin.run('trace', migrationName)).toBe(0);
    const [header, ...rows] = plugin.out().map((line) => line.split(/ {3,}/));
    expect(header).toEqual(['TIME', 'ACTOR', 'EVENT', 'DETAILS']);
    expect(rows.map((row) => row.slice(1))).toEqual([
      ['controller', 'writes Inspecting', 'reason=Moving'],
      ['agent-w1', 'writes source', 'reason=Moving'],
      ['agent-w1', 'did something that no log has'],
      ['agent-w1.2', 'writes Retrying', 'reason=Moving'],
    ]);
    expect(plugin.err()).toEqual([
      expect.stringMatching(/^Warning: 1 of the 2 events of agent-w1 \(agent-w1@00000002\)/),
    ]);
  });

  it('asks the agents of the move and no others', async () => {
    putWhole();
    await plugin.run('trace', migrationName);
    const asked = plugin.api.requests.filter(({ verb }) => verb === 'log').map(({ name }) => name);
    expect(asked.sort()).toEqual(['transship-agent-w1', 'transship-agent-w1', 'transship-controller-w3']);
  });

  it('prints a log that ShiViz takes', async () => {
    putWhole();
    expect(await plugin.run('trace', migrationName, '--format', 'shiviz')).toBe(0);
    expect(faultsInLog(plugin.out().join('\n'))).toEqual([]);
  });

  it('prints a diagram', async () => {
    putWhole();
    expect(await plugin.run('trace', migrationName, '--format=mermaid')).toBe(0);
    expect(plugin.out()).toContain('  h1->>h2: writes source');
  });

  it('prints data, with clocks by the names of the actors', async () => {
    putWhole();
    expect(await plugin.run('trace', migrationName, '--format', 'json')).toBe(0);
    const data = JSON.parse(plugin.out().join('\n')) as { readonly events: readonly unknown[] };
    expect(data).toMatchObject({
      move: { namespace: 'shop', name: migrationName, uid: 'm-1' },
      hosts: [{ name: 'controller' }, { name: 'agent-w1' }, { name: 'agent-w1.2', process: restarted }],
      missing: [expect.stringContaining('in no log')],
    });
    expect(data.events.at(-1)).toMatchObject({ host: 'agent-w1.2', clock: { 'agent-w1': 2, 'agent-w1.2': 1 } });
  });

  it('knows who asked for a move, and who asked it back, though command lines have no log', async () => {
    putMovable(plugin);
    await plugin.run('pod', 'redis-1');
    await plugin.run('cancel', migrationName);
    plugin.out();
    expect(await plugin.run('trace', migrationName)).toBe(0);
    expect(plugin.out().join('\n')).toMatch(/cli +asks for the move/);
  });

  it('says which log it could not read', async () => {
    putWhole();
    ofSystem('controller', 'w4');
    await plugin.run('trace', migrationName);
    expect(plugin.err()).toContainEqual(
      expect.stringMatching(/^Warning: the log of pod transship-controller-w4 cannot be read: .*no such log/),
    );
  });

  it('shows what the record has to who may not read logs, and how to get the right', async () => {
    const forbidden = new ApiError({ code: 403, reason: 'Forbidden', message: 'no' });
    putMovable(plugin);
    await plugin.run('pod', 'redis-1');
    plugin.api.intercept(({ verb, plural }) => {
      if (verb === 'list' && plural === 'pods') throw forbidden;
    });
    expect(await plugin.run('trace', migrationName)).toBe(0);
    expect(plugin.err()).toContainEqual(expect.stringContaining('transship-trace-reader'));
  });
});

describe('trace refuses', () => {
  it('a move that there is not', async () => {
    expect(await plugin.run('trace', 'nobody')).toBe(1);
    expect(plugin.err().join()).toContain('there is no Migration nobody');
  });

  it('a move of which nothing is known', async () => {
    putMove();
    expect(await plugin.run('trace', migrationName)).toBe(1);
    expect(plugin.err()).toEqual([`error: nothing is known of what happened in Migration ${migrationName}`]);
  });

  it('a format that it does not have', async () => {
    expect(await plugin.run('trace', migrationName, '--format', 'svg')).toBe(1);
    expect(plugin.err().join('\n')).toContain('shiviz');
  });
});
