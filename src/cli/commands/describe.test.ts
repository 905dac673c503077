import { beforeEach, describe, expect, it } from 'vitest';
import { migrationWith } from '../../api/pod-fixture.ts';
import { migrations } from '../../api/resource.ts';
import { ApiError } from '../../kube/api-error.ts';
import { events } from '../../kube/builtin-resources.ts';
import { createPlugin, migrationName, type Plugin } from '../plugin-fixture.ts';

let plugin: Plugin;

beforeEach(() => {
  plugin = createPlugin();
});

const time = (ms: number): string => new Date(plugin.clock.now() - 60_000 + ms).toISOString();

describe('describe', () => {
  it('shows all that is known of a move', async () => {
    plugin.api.put(
      migrations,
      migrationWith({
        metadata: { creationTimestamp: time(0) },
        spec: { targetNodeName: 'w2' },
        status: {
          phase: 'Succeeded',
          reason: 'Moved',
          message: 'Pod redis-1 was moved',
          source: {
            nodeName: 'w1',
            podUID: 'uid-1',
            runtime: 'docker',
            address: { ip: '10.0.0.9', prefixLength: 24 },
            memoryBytes: 3 * 2 ** 20,
          },
          target: { podName: 'redis-1-m1-2', nodeName: 'w2', runtime: 'containerd' },
          terms: { retries: 3, maxFreezeSeconds: 10, policy: 'strict' },
          phaseTransitions: [
            { phase: 'Inspecting', time: time(100) },
            { phase: 'Moving', time: time(350) },
            { phase: 'Succeeded', time: time(900) },
          ],
          attempt: 2,
          attempts: [
            { number: 1, phase: 'Moving', nodeName: 'w3', endTime: time(200), reason: 'RestoreFailed', message: 'no' },
          ],
          timings: { freezeMs: 210, dumpMs: 80 },
          imageBytes: 2 ** 20,
          conditions: [
            { type: 'Succeeded', status: 'True', reason: 'Moved', message: 'done', lastTransitionTime: time(900) },
          ],
        },
      }),
    );
    const event = (name: string, uid: string, more: object): void => {
      plugin.api.put(events, { metadata: { name, namespace: 'shop' }, type: 'Normal', regarding: { uid }, ...more });
    };
    event('2', 'm-1', {
      reason: 'Moved',
      note: 'Pod redis-1 was moved',
      series: { count: 2, lastObservedTime: time(60_001) },
    });
    event('1', 'm-1', { reason: 'Accepted', note: 'Pod can be moved' });
    event('0', 'm-0', { reason: 'Failed', note: 'of an earlier one of this name' });
    expect(await plugin.run('describe', migrationName)).toBe(0);
    expect(plugin.out()).toEqual([
      'Name:         redis-1-uid1',
      'Namespace:    shop',
      'Age:          60s',
      'Pod:          redis-1 (UID uid-1)',
      'Trigger:      Request',
      'Deadline:     600 s after its creation',
      'Wanted Node:  w2',
      'Policy:       strict',
      'Phase:        Succeeded',
      'Reason:       Moved',
      'Message:      Pod redis-1 was moved',
      'Meaning:      The pod runs on the target node; the source is gone.',
      'Source:',
      '  Node:         w1',
      '  Runtime:      docker',
      '  Address:      10.0.0.9',
      '  Memory:       3.0 MiB',
      'Target:',
      '  Pod:          redis-1-m1-2',
      '  Node:         w2',
      '  Runtime:      containerd',
      'Image:        1.0 MiB',
      'Phases:',
      '  PHASE        SINCE                      FOR',
      `  Inspecting   ${time(100)}   250 ms`,
      `  Moving       ${time(350)}   550 ms`,
      `  Succeeded    ${time(900)}`,
      'Attempt:      2',
      'Taken Back:',
      '  ATTEMPT   PHASE    NODE   ENDED                      REASON          MESSAGE',
      `  1         Moving   w3     ${time(200)}   RestoreFailed   no`,
      'Timings:',
      '  Dump:         80 ms',
      '  Freeze:       210 ms',
      'Conditions:',
      '  TYPE        STATUS   REASON   SINCE                      MESSAGE',
      `  Succeeded   True     Moved    ${time(900)}   done`,
      'Events:',
      '  TYPE     REASON     AGE       MESSAGE',
      '  Normal   Accepted   0s        Pod can be moved',
      '  Normal   Moved      0s (x2)   Pod redis-1 was moved',
    ]);
  });

  it('shows a move that nobody has looked at yet', async () => {
    plugin.api.put(migrations, migrationWith({ spec: { cancel: true } }));
    expect(await plugin.run('describe', `migration/${migrationName}`)).toBe(0);
    expect(plugin.out()).toEqual(
      expect.arrayContaining(['Cancel:       requested', 'Phase:        Pending', 'Events:       <none>']),
    );
  });

  it('says when the next attempt begins', async () => {
    const notBefore = new Date(plugin.clock.now() + 5_000).toISOString();
    plugin.api.put(migrations, migrationWith({ status: { phase: 'Retrying', attempt: 2, notBefore } }));
    await plugin.run('describe', migrationName);
    expect(plugin.out()).toContain('Attempt:      2, begins in 5s');
  });

  it('says of each hook what became of it', async () => {
    const hooks = [
      {
        name: 'preMigration',
        from: 'Policy',
        attempt: 1,
        outcome: 'Failed',
        startTime: '',
        ms: 7,
        message: 'it answered 403',
      },
      {
        name: 'onRollback',
        from: 'Pod',
        attempt: 1,
        outcome: 'Succeeded',
        startTime: '',
        ms: 40,
        output: 'noted\nwell',
      },
    ] as const;
    plugin.api.put(migrations, migrationWith({ status: { phase: 'Failed', hooks: [...hooks] } }));
    await plugin.run('describe', migrationName);
    const out = plugin.out();
    expect(out.slice(out.indexOf('Hooks:'), out.indexOf('Hooks:') + 4)).toEqual([
      'Hooks:',
      '  HOOK           OF       ATTEMPT   OUTCOME     TOOK    MESSAGE',
      '  preMigration   Policy   1         Failed      7 ms    it answered 403',
      '  onRollback     Pod      1         Succeeded   40 ms   noted',
    ]);
  });

  it('shows the rest when the user may not read events', async () => {
    plugin.api.put(migrations, migrationWith());
    plugin.api.intercept(({ plural }) => {
      if (plural === 'events') throw new ApiError({ code: 403, reason: 'Forbidden', message: 'no' });
    });
    expect(await plugin.run('describe', migrationName)).toBe(0);
    expect(plugin.out().at(-1)).toBe('Events:       you may not read them');
  });

  it('puts an empty line between two', async () => {
    for (const name of ['a', 'b']) plugin.api.put(migrations, migrationWith({ metadata: { name } }));
    await plugin.run('describe', 'a', 'b');
    const lines = plugin.out();
    expect(lines[lines.indexOf('') + 1]).toBe('Name:         b');
  });

  it('says when there is none', async () => {
    expect(await plugin.run('describe', 'x')).toBe(1);
    expect(plugin.err()[0]).toContain('error: there is no Migration x in namespace shop');
  });
});
