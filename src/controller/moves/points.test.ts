import { describe, expect, it } from 'vitest';
import type { Migration, MigrationStatus } from '../../api/migration.ts';
import type { Step } from '../../migration/step.ts';
import { pointAfter, pointBefore } from './points.ts';

const moveIn = (phase: MigrationStatus['phase']): Migration => ({
  metadata: { name: 'move', namespace: 'default', uid: 'u-move', resourceVersion: '1' },
  spec: { podName: 'web-1', trigger: 'Request', deadlineSeconds: 600 },
  status: {
    phase,
    source: { nodeName: 'n1', podUID: 'u-source' },
    target: { podName: 'web-1-m1', podUID: 'u-target' },
  },
});

const write = (phase: MigrationStatus['phase']): Step => ({
  do: 'writeStatus',
  patch: { metadata: { resourceVersion: '1' }, status: { phase } },
});
const adopt: Step = { do: 'patchPod', name: 'web-1-m1', patch: {} };
const giveUp: Step = { do: 'patchPod', name: 'web-1', patch: {} };
const removeSource: Step = { do: 'deletePod', pod: { name: 'web-1', uid: 'u-source' } };
const removeTarget: Step = { do: 'deletePod', pod: { name: 'web-1-m1', uid: 'u-target' } };

describe('a move has come to', () => {
  it.each<[string, Step, MigrationStatus['phase']]>([
    ['controller.accepted', write('Inspecting'), 'Pending'],
    ['controller.prepared', write('Preparing'), 'Inspecting'],
    ['controller.created', { do: 'createTarget', pod: { metadata: { name: 'web-1-m1' } } }, 'Preparing'],
    ['controller.adopted', adopt, 'Committed'],
    ['controller.removed', removeSource, 'Committed'],
  ])('%s by %o in phase %s', (point, step, phase) => {
    expect(pointAfter(step, moveIn(phase))).toBe(point);
  });

  it.each<[Step, MigrationStatus['phase']]>([
    [write('Inspecting'), 'Retrying'],
    [write('Preparing'), 'Preparing'],
    [write('Succeeded'), 'Committed'],
    [giveUp, 'Committed'],
    [adopt, 'Lost'],
    [removeTarget, 'Failed'],
    [removeTarget, 'Committed'],
  ])('no point by %o in phase %s', (step, phase) => {
    expect(pointAfter(step, moveIn(phase))).toBeUndefined();
  });
});

it('a move is at controller.adopting before the target is adopted, and before nothing else', () => {
  expect(pointBefore(adopt, moveIn('Committed'))).toBe('controller.adopting');
  for (const step of [giveUp, removeSource, write('Succeeded')])
    expect(pointBefore(step, moveIn('Committed'))).toBeUndefined();
  expect(pointBefore(adopt, moveIn('Lost'))).toBeUndefined();
});
