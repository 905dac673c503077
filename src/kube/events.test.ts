import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock/fake-clock.ts';
import { silentLog } from '../log/log.ts';
import { events } from './builtin-resources.ts';
import { createEventRecorder, type EventRecorder } from './events.ts';
import { FakeApi } from './fake-api.ts';

let api: FakeApi;
let clock: FakeClock;
let recorder: EventRecorder;
const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'web-1', uid: 'u1' };

beforeEach(() => {
  clock = new FakeClock();
  api = new FakeApi(() => clock.now());
  recorder = createEventRecorder({ api, clock, log: silentLog, controller: 'transship.dev/test', instance: 'me' });
});

const written = async () => {
  await recorder.flush();
  return (await api.list(events)).items;
};

describe('events', () => {
  it('say who, what and why, in the namespace of the object', async () => {
    recorder.record(pod, 'Warning', 'NoNodeFits', 'no node');
    const [event] = await written();
    expect(event).toMatchObject({
      type: 'Warning',
      reason: 'NoNodeFits',
      note: 'no node',
      regarding: { kind: 'Pod', name: 'web-1' },
      metadata: { namespace: 'default' },
    });
    const [request] = api.requests;
    expect(request?.body).toMatchObject({
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'transship.dev/test',
      reportingInstance: 'me',
      action: 'Migrate',
    });
  });

  it('that are said again are counted, with few writes', async () => {
    for (let time = 0; time < 100; time += 1) recorder.record(pod, 'Warning', 'NoNodeFits', 'no node');
    const all = await written();
    expect(all).toHaveLength(1);
    expect(all[0]?.series?.count).toBe(100);
    expect(api.requests.length).toBeLessThan(10);
  });

  it('with another note, about another object or much later are events of their own', async () => {
    recorder.record(pod, 'Warning', 'NoNodeFits', 'no node');
    recorder.record(pod, 'Warning', 'NoNodeFits', 'no node, for another reason');
    recorder.record({ ...pod, uid: 'u2' }, 'Warning', 'NoNodeFits', 'no node');
    await clock.advance(3_600_000);
    recorder.record(pod, 'Warning', 'NoNodeFits', 'no node');
    expect(await written()).toHaveLength(4);
  });

  it('are cut to the kilobyte that the API server takes, not through a character', async () => {
    recorder.record(pod, 'Normal', 'Moved', 'ä'.repeat(2_000));
    const note = (await written())[0]?.note ?? '';
    expect(Buffer.byteLength(note)).toBeLessThanOrEqual(1024);
    expect(note).toMatch(/^ä+…$/);
  });

  it('never throw, and do not pile up while the API server is away', async () => {
    api.intercept(() => {
      throw new Error('connection refused');
    });
    for (let n = 0; n < 1_000; n += 1) recorder.record({ ...pod, uid: `u${n}` }, 'Normal', 'Moved', 'moved');
    await recorder.flush();
    expect(api.requests.length).toBeLessThanOrEqual(200);
  });
});
