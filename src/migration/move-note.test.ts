import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { plan, prepared, since } from './decision-fixture.ts';
import type { Facts } from './facts.ts';
import { factsWith, migrationWith, movable, now, podWith, source, target, targetWith } from './move-fixture.ts';
import { firstNote, showsItsMove } from './move-note.ts';

const annotation = 'transship.dev/move';
const item = { path: 'move', fieldRef: { fieldPath: `metadata.annotations['${annotation}']` } };
const spec = { volumes: [{ name: 'podinfo', downwardAPI: { items: [item] } }] };
const reader = podWith({ spec });
const finished = { type: 'Finished', status: 'True', reason: '', message: '', lastTransitionTime: '' } as const;
const over = (phase: 'Succeeded' | 'Failed' | 'Lost') =>
  migrationWith({ phase, source, target, conditions: [movable, finished], phaseTransitions: since(phase, now) });

const notes = (facts: Partial<Facts>): unknown[] =>
  decide(factsWith(facts), now).flatMap((step) =>
    step.do === 'notePod' ? [{ on: step.pod.name, ...(JSON.parse(step.annotations[annotation] ?? '') as object) }] : [],
  );

describe('a pod', () => {
  it.each<[string, object[], boolean]>([
    ['without volumes', [], false],
    ['with a volume that shows the annotation', spec.volumes, true],
    [
      'that shows it among others',
      [{ name: 'all', projected: { sources: [{ secret: {} }, { downwardAPI: { items: [item] } }] } }],
      true,
    ],
    [
      'that shows its labels',
      [{ name: 'x', downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } }],
      false,
    ],
  ])('%s wants to know of its move: %s', (_name, volumes, expected) => {
    expect(showsItsMove(podWith({ spec: { volumes: volumes as { name: string }[] } }))).toBe(expected);
  });
});

describe('a pod that wants to know', () => {
  const placed = { migration: prepared, source: reader, target: targetWith() };

  it('is told when the node of its target is known', () => {
    expect(notes(placed)).toEqual([
      { on: 'web-1', state: 'Moving', migration: 'move', from: 'n1', to: 'n2', since: '2026-01-01T00:09:59.000Z' },
    ]);
  });

  it('is not told the same twice', () => {
    const told = podWith({ spec, metadata: { annotations: firstNote(reader, prepared) } });
    expect(notes({ ...placed, source: told })).toEqual([]);
  });

  it('reads as the target what it has read as the source', () => {
    expect(JSON.parse(firstNote(reader, prepared)[annotation] ?? '')).toMatchObject({ state: 'Moving', from: 'n1' });
  });

  it('is told as the target that it has been moved, before the record may go', () => {
    expect(notes({ migration: over('Succeeded'), target: targetWith({ spec: { ...spec, nodeName: 'n2' } }) })).toEqual([
      {
        on: target.podName,
        state: 'Moved',
        migration: 'move',
        from: 'n1',
        to: 'n2',
        since: new Date(now).toISOString(),
      },
    ]);
  });

  it('is told as the source that it stays', () => {
    const told = podWith({ spec, metadata: { annotations: firstNote(reader, prepared) } });
    expect(notes({ migration: over('Failed'), source: told })).toMatchObject([{ on: 'web-1', state: 'Stayed' }]);
    expect(notes({ migration: over('Failed'), source: reader })).toEqual([]);
  });
});

it('a pod that does not want to know costs no write', () => {
  expect(plan({ migration: prepared, target: targetWith() })).toEqual(['lookAgain']);
  expect(plan({ migration: over('Succeeded'), target: targetWith() })).toEqual(['patchMigration']);
  expect(firstNote(podWith(), prepared)).toEqual({});
});
