import { describe, expect, it } from 'vitest';
import type { Facts } from '../facts.ts';
import { decide } from '../decide.ts';
import { failed, plan } from '../decision-fixture.ts';
import {
  factsWith,
  leaseWith,
  migrationUID,
  migrationWith,
  now,
  podWith,
  sourceUID,
  targetName,
  targetWith,
} from '../move-fixture.ts';

describe('a Migration that has failed', () => {
  it.each<[string, Partial<Facts>, string[]]>([
    [
      'removes the target and the address it reserved',
      { target: targetWith(), lease: leaseWith({}, { 'transship.dev/migration': migrationUID }) },
      [`delete ${targetName}`, 'deleteLease', 'write status', 'tell DumpFailed'],
    ],
    [
      'leaves an older lease of the source',
      { target: targetWith(), lease: leaseWith() },
      [`delete ${targetName}`, 'write status', 'tell DumpFailed'],
    ],
    [
      'leaves a pod that only has the name',
      { target: podWith({ metadata: { name: targetName } }) },
      ['write status', 'tell DumpFailed'],
    ],
    ['never touches the source', {}, ['write status', 'tell DumpFailed']],
  ])('%s', (_name, facts, expected) => {
    expect(plan({ migration: failed, ...facts })).toEqual(expected);
  });

  it('says the same reason in conditions and events, about itself and the pod', () => {
    const steps = decide(factsWith({ migration: failed }), now);
    const said = { reason: 'DumpFailed', message: 'CRIU said no' };
    expect(steps.at(-1)).toEqual({ do: 'tell', type: 'Warning', ...said, pod: { name: 'web-1', uid: sourceUID } });
    const [write] = steps.flatMap((step) => (step.do === 'writeStatus' ? [step.patch.status] : []));
    expect(write?.conditions).toEqual([
      { type: 'Finished', status: 'True', ...said, lastTransitionTime: '2026-01-01T00:10:00Z' },
      { type: 'Succeeded', status: 'False', ...said, lastTransitionTime: '2026-01-01T00:10:00Z' },
    ]);
  });

  it('is let go when nothing is left of it', () => {
    const conditions = [
      { type: 'Finished', status: 'True', reason: 'DumpFailed', message: '', lastTransitionTime: '' },
    ] as const;
    expect(plan({ migration: migrationWith({ phase: 'Failed', conditions: [...conditions] }) })).toEqual([
      'patchMigration',
    ]);
    expect(
      plan({ migration: migrationWith({ phase: 'Failed', conditions: [...conditions] }, {}, { finalizers: [] }) }),
    ).toEqual([]);
  });
});
