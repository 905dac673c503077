import { beforeEach, describe, expect, it } from 'vitest';
import type { Migration, MigrationStatus } from '../api/migration.ts';
import type { Phase } from '../api/phase.ts';
import type { EventRecorder } from '../kube/events.ts';
import { migrationWith, source, target } from '../migration/move-fixture.ts';
import { StepTeller } from './kubernetes-events.ts';

const key = { namespace: 'default', name: 'move' };
let said: string[];
let teller: StepTeller;

const recorder: EventRecorder = {
  record: ({ kind, name }, type, reason, note) => said.push(`${kind} ${name}: ${type} ${reason}: ${note}`),
  flush: () => Promise.resolve(),
};

const after = (phases: Phase[], fields: Partial<MigrationStatus> = {}): Migration =>
  migrationWith({
    ...{ phase: phases.at(-1)!, source, target },
    phaseTransitions: phases.map((phase) => ({ phase, time: '' })),
    ...fields,
  });

beforeEach(() => {
  said = [];
  teller = new StepTeller(recorder);
  teller.begin([]);
});

describe('the steps of a move', () => {
  it('are told once, on the pod and on the Migration', () => {
    teller.hear(key, after(['Inspecting', 'Preparing']));
    teller.hear(key, after(['Inspecting', 'Preparing']));
    expect(said).toEqual([
      'Migration move: Normal TargetCreated: The target pod web-1-m3fa9c2 is created',
      'Pod web-1: Normal TargetCreated: The target pod web-1-m3fa9c2 is created',
    ]);
  });

  it('are told after the freeze, not in it', () => {
    teller.hear(key, after(['Inspecting', 'Preparing', 'Arrived', 'Moving']));
    teller.hear(key, after(['Inspecting', 'Preparing', 'Arrived', 'Moving', 'Committed']));
    expect(said).toEqual([]);
    teller.hear(key, after(['Inspecting', 'Preparing', 'Arrived', 'Moving', 'Committed', 'Succeeded']));
    expect(said.filter((each) => each.startsWith('Pod')).map((each) => each.split(': ').slice(0, 2).join(' '))).toEqual(
      [
        'Pod web-1 Normal TargetCreated',
        'Pod web-1 Normal TargetArrived',
        'Pod web-1 Normal Moving',
        'Pod web-1-m3fa9c2 Normal Committed',
      ],
    );
  });

  it('that took an attempt back say why, and that another begins', () => {
    const attempts = [
      { number: 1, phase: 'Moving' as const, endTime: '', reason: 'DumpFailed', message: 'CRIU said no' },
    ];
    teller.hear(key, after(['Moving', 'Retrying', 'Inspecting'], { attempts }));
    expect(said.filter((each) => each.startsWith('Pod')).slice(-2)).toEqual([
      'Pod web-1: Warning DumpFailed: Attempt 1 was taken back, and the pod runs on: CRIU said no',
      'Pod web-1: Normal Accepted: Attempt 2 to move the pod begins',
    ]);
  });

  it('that were taken before this controller led are not told again', () => {
    const known = after(['Inspecting', 'Preparing']);
    teller.begin([{ key, migration: known }]);
    teller.hear(key, known);
    expect(said).toEqual([]);
    teller.hear(key, after(['Inspecting', 'Preparing', 'Arrived']));
    expect(said).toHaveLength(2);
  });
});
