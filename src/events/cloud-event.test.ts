import { HTTP } from 'cloudevents';
import { describe, expect, it } from 'vitest';
import {
  migrationUID,
  migrationWith,
  source,
  sourceUID,
  target,
  targetName,
  targetUID,
} from '../migration/move-fixture.ts';
import { messageOf } from './cloud-event.ts';
import { stepsOf } from './steps.ts';

const moved = migrationWith({
  ...{ phase: 'Succeeded', reason: 'Moved', message: 'Pod web-1 was moved', source, target },
  timings: { freezeMs: 120 },
  phaseTransitions: [
    { phase: 'Inspecting', time: '2026-01-01T00:09:01.500Z' },
    { phase: 'Succeeded', time: '2026-01-01T00:09:09.000Z' },
  ],
});
const messages = stepsOf(moved).map((step) => messageOf(moved, step));
const bodies = messages.map(({ body }) => JSON.parse(body) as object);

describe('the event of a step', () => {
  it('is a CloudEvent 1.0 in structured mode', () => {
    expect(messages.map(({ headers }) => headers['content-type'])).toEqual(
      Array(3).fill('application/cloudevents+json; charset=utf-8'),
    );
    for (const { headers, body } of messages) {
      const read = HTTP.toEvent({ headers, body });
      expect(read).toMatchObject({ specversion: '1.0', subject: 'default/web-1' });
    }
  });

  it('is named after its phase and has an id that is its own for ever', () => {
    expect(bodies).toMatchObject([
      { id: `${migrationUID}/0`, type: 'dev.transship.migration.pending', time: '2026-01-01T00:09:00.000Z' },
      { id: `${migrationUID}/1`, type: 'dev.transship.migration.inspecting', time: '2026-01-01T00:09:01.500Z' },
      { id: `${migrationUID}/2`, type: 'dev.transship.migration.succeeded' },
    ]);
  });

  it('says where it comes from', () => {
    expect(bodies[0]).toMatchObject({
      source: '/apis/transship.dev/v1alpha1/namespaces/default/migrations/move',
      datacontenttype: 'application/json',
    });
  });

  it('says all that is known of the last step, and of one before it what cannot have changed', () => {
    expect(bodies[2]).toMatchObject({
      data: {
        migration: { namespace: 'default', name: 'move', uid: migrationUID },
        ...{ phase: 'Succeeded', attempt: 1, trigger: 'Request', reason: 'Moved', message: 'Pod web-1 was moved' },
        source: { podName: 'web-1', podUID: sourceUID, nodeName: 'n1' },
        target: { podName: targetName, podUID: targetUID, nodeName: 'n2' },
        freezeMs: 120,
      },
    });
    expect((bodies[1] as { data: object }).data).toEqual({
      migration: { namespace: 'default', name: 'move', uid: migrationUID },
      ...{ phase: 'Inspecting', attempt: 1, trigger: 'Request' },
      source: { podName: 'web-1', podUID: sourceUID, nodeName: 'n1' },
    });
  });
});
