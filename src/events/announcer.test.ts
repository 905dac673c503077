import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Migration, MigrationStatus } from '../api/migration.ts';
import type { Phase } from '../api/phase.ts';
import { migrations } from '../api/resource.ts';
import { FakeClock, settle } from '../clock/fake-clock.ts';
import { FakeApi } from '../kube/fake-api.ts';
import { silentLog } from '../log/log.ts';
import { migrationWith, now, source, target } from '../migration/move-fixture.ts';
import { Announcer } from './announcer.ts';
import type { Sink } from './sink.ts';

const key = { namespace: 'default', name: 'move' };
const never = new AbortController().signal;
const way: Phase[] = ['Inspecting', 'Preparing', 'Arrived', 'Moving', 'Committed', 'Succeeded'];
const finished = { type: 'Finished', status: 'True', reason: '', message: '', lastTransitionTime: '' } as const;

let clock: FakeClock;
let api: FakeApi;
let got: string[];
let isDown: boolean;

/** A record that has come so far. */
const at = (phase: Phase, fields: Partial<MigrationStatus> = {}): Migration => {
  const phases = way.slice(0, way.indexOf(phase) + 1);
  return migrationWith({
    ...{ phase, source, target },
    phaseTransitions: phases.map((each) => ({ phase: each, time: new Date(now).toISOString() })),
    ...(phase === 'Succeeded' && { conditions: [finished], timings: { freezeMs: 1 } }),
    ...fields,
  });
};

const sink: Sink = {
  name: 'audit',
  send: ({ body }) => {
    if (isDown) return Promise.reject(new Error('down'));
    got.push((JSON.parse(body) as { type: string }).type.replace('dev.transship.migration.', ''));
    return Promise.resolve();
  },
};

const makeAnnouncer = (to: Sink = sink) => new Announcer(to, { api, clock, log: silentLog });
const before = (phase: Phase): string[] => [
  'pending',
  ...way.slice(0, way.indexOf(phase) + 1).map((p) => p.toLowerCase()),
];
const stored = async () => (await api.get(migrations, key)).status?.announced;

beforeEach(() => {
  clock = new FakeClock(now);
  api = new FakeApi(() => clock.now());
  [got, isDown] = [[], false];
});

describe('a sink', () => {
  it('gets every step in order, however many were taken since it was looked after', async () => {
    const announcer = makeAnnouncer();
    for (const phase of ['Preparing', 'Arrived', 'Succeeded'] as const) {
      announcer.hear(key, at(phase));
      await announcer.announce(key, never).catch(() => undefined);
    }
    expect(got).toEqual(before('Succeeded'));
  });

  it('hears nothing while the pod may be frozen, and all of it after', async () => {
    const announcer = makeAnnouncer();
    for (const phase of ['Moving', 'Committed'] as const) {
      announcer.hear(key, at(phase));
      await announcer.announce(key, never);
      expect(got).toEqual([]);
    }
    announcer.hear(key, at('Committed', { target: { ...target, releaseTime: 'x' } }));
    await announcer.announce(key, never);
    expect(got).toEqual(before('Committed'));
  });

  it('to which something is being sent when the freeze begins is left, and gets it after', async () => {
    let signal: AbortSignal | undefined;
    const slow: Sink = {
      name: 'audit',
      send: (_message, given) => {
        signal = given;
        return new Promise((_resolve, reject) => {
          given.addEventListener('abort', () => reject(given.reason as Error), { once: true });
        });
      },
    };
    const announcer = makeAnnouncer(slow);
    announcer.hear(key, at('Arrived'));
    const sending = announcer.announce(key, never);
    await settle();
    announcer.hear(key, at('Moving'));
    await sending;
    expect(signal?.aborted).toBe(true);
  });

  it('that is down is an error for the queue, and gets nothing twice when it is there again', async () => {
    const announcer = makeAnnouncer();
    announcer.hear(key, at('Inspecting'));
    await announcer.announce(key, never);
    isDown = true;
    announcer.hear(key, at('Arrived'));
    await expect(announcer.announce(key, never)).rejects.toThrow('down');
    isDown = false;
    await announcer.announce(key, never);
    expect(got).toEqual(before('Arrived'));
  });

  it('that has taken all of a move that is over is written into its record, and not before', async () => {
    const announcer = makeAnnouncer();
    api.put(migrations, at('Arrived'));
    announcer.hear(key, at('Arrived'));
    await announcer.announce(key, never);
    expect(await stored()).toBeUndefined();
    api.put(migrations, at('Succeeded'));
    announcer.hear(key, await api.get(migrations, key));
    await announcer.announce(key, never);
    expect(await stored()).toEqual({ audit: 7 });
  });

  it('whose part is in the record gets nothing from the next controller', async () => {
    const announcer = makeAnnouncer();
    announcer.hear(key, at('Succeeded', { announced: { audit: 7 } }));
    await announcer.announce(key, never);
    expect(got).toEqual([]);
  });

  it('of another name gets all of it', async () => {
    const announcer = makeAnnouncer();
    announcer.hear(key, at('Succeeded', { announced: { other: 7 } }));
    await announcer.announce(key, never).catch(() => undefined);
    expect(got).toEqual(before('Succeeded'));
  });

  it('is not written down over a record that somebody else has changed', async () => {
    const announcer = makeAnnouncer();
    api.put(migrations, at('Succeeded'));
    announcer.hear(key, await api.get(migrations, key));
    await api.patch(migrations, key, { status: { message: 'changed' } }, { subresource: 'status' });
    await announcer.announce(key, never);
    expect(await stored()).toBeUndefined();
    announcer.hear(key, await api.get(migrations, key));
    await announcer.announce(key, never);
    expect(await stored()).toEqual({ audit: 7 });
    expect(got).toEqual(before('Succeeded'));
  });

  it('waits a moment for the time of the freeze, and no longer', async () => {
    const announcer = makeAnnouncer();
    announcer.hear(key, at('Succeeded', { timings: undefined, announced: { audit: 6 } }));
    expect(await announcer.announce(key, never)).toEqual({ afterMs: 5_000 });
    await clock.advance(5_000);
    await announcer.announce(key, never).catch(() => undefined);
    expect(got).toEqual(['succeeded']);
  });

  it('hears the end of a move whose record was removed, unless it is away for ten minutes', async () => {
    const announcer = makeAnnouncer();
    announcer.hear(key, at('Arrived'));
    announcer.hear(key, undefined);
    await announcer.announce(key, never);
    expect(got).toEqual(before('Arrived'));

    isDown = true;
    announcer.hear(key, at('Preparing'));
    announcer.hear(key, undefined);
    await expect(announcer.announce(key, never)).rejects.toThrow('down');
    await clock.advance(10 * 60_000);
    expect(await announcer.announce(key, never)).toBeUndefined();
  });

  it('hears of another move of the same name from its beginning', async () => {
    const announcer = makeAnnouncer();
    announcer.hear(key, at('Inspecting'));
    await announcer.announce(key, never);
    const other = at('Inspecting');
    announcer.hear(key, { ...other, metadata: { ...other.metadata, uid: 'other' } });
    await announcer.announce(key, never);
    expect(got).toEqual([...before('Inspecting'), ...before('Inspecting')]);
  });
});

it('whatever happens to a sink and to the controller, it gets each step at least once, and first in order', async () => {
  const event = fc.oneof(
    fc.constant('step' as const),
    fc.constant('down' as const),
    fc.constant('up' as const),
    fc.constant('restart' as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 30 }), async (events) => {
      [got, isDown] = [[], false];
      let announcer = makeAnnouncer();
      let reached = -1;
      const look = async (): Promise<void> => {
        const phase = way[reached];
        const released = { target: { ...target, releaseTime: 'x' } };
        if (phase !== undefined) announcer.hear(key, at(phase, phase === 'Committed' ? released : {}));
        await announcer.announce(key, never).catch(() => undefined);
      };
      for (const each of [...events, 'up' as const, ...way.map(() => 'step' as const)]) {
        if (each === 'step') reached = Math.min(reached + 1, way.length - 1);
        if (each === 'restart') announcer = makeAnnouncer();
        if (each !== 'step') isDown = each === 'down' || (isDown && each === 'restart');
        await look();
      }
      expect([...new Set(got)]).toEqual(before('Succeeded'));
    }),
    { numRuns: 100 },
  );
});
