import { describe, expect, it } from 'vitest';
import { type Migration, migrationNameOf } from '../../api/migration.ts';
import { builtInPolicy } from '../../api/migration-policy.ts';
import { isCommitted, isFinished, type Phase, phases } from '../../api/phase.ts';
import { timestamp } from '../../clock/clock.ts';
import { migrationWith, now, podWith, source, sourceUID } from '../../migration/move-fixture.ts';
import { decideResponse, type ResponseStep } from './decide.ts';
import { evictionWith, factsWith } from './eviction-fixture.ts';
import type { ResponseFacts } from './facts.ts';

const name = migrationNameOf('web-1', sourceUID);

const moveIn = (phase: Phase, more: object = {}, spec: object = {}, metadata: object = {}): Migration =>
  migrationWith(
    { phase, source, target: { podName: 'web-1-m1', nodeName: 'n2' }, ...more },
    { trigger: 'EvictionRequest', podUID: sourceUID, ...spec },
    { name, ...metadata },
  );

const withdrawn = moveIn('Cancelled', {}, { cancel: true }, { annotations: { 'transship.dev/withdrawn': 'true' } });

const told = (step: ResponseStep): string => {
  switch (step.do) {
    case 'withdraw':
      return `withdraw ${step.migration.metadata.name}`;
    case 'move':
      return `move ${step.pod.metadata.name}${step.instead ? ` instead of ${step.instead.metadata.name}` : ''}`;
    default:
      return step.said.completionTime === undefined
        ? `heartbeat: ${step.said.message ?? ''}`
        : `complete: ${step.said.message ?? ''}`;
  }
};

const plan = (facts: Partial<ResponseFacts>): string[] => decideResponse(factsWith(facts)).steps.map(told);

const standing = (changes: Partial<NonNullable<ResponseFacts['standing']>>): Partial<ResponseFacts> => ({
  standing: { pod: podWith(), policy: { name: undefined, spec: builtInPolicy }, findings: [], ...changes },
});

const heartbeat = (phase: string): string => `heartbeat: Migration default/${name} is ${phase}`;
const declined = (why: string): string =>
  `complete: Pod default/web-1 is not moved, so the next responder may act: ${why}`;

describe('when it is our turn', () => {
  it.each<[string, Partial<ResponseFacts>, string[]]>([
    ['the pod is moved, and that is acknowledged', {}, [`move web-1`, heartbeat('Pending')]],
    [
      'a move that somebody else has asked for will do',
      { migrations: [moveIn('Preparing', {}, { trigger: 'Cordon' })] },
      [heartbeat('Preparing')],
    ],
    [
      'a move that was withdrawn begins anew',
      { migrations: [withdrawn] },
      [`move web-1 instead of ${name}`, heartbeat('Pending')],
    ],
    [
      'a pod that arrives from elsewhere is waited for',
      standing({ findings: [{ reason: 'PodIsTarget', message: 'it is a target' }] }),
      ['heartbeat: PodIsTarget: it is a target'],
    ],
    ['nothing is said of a pod that is not known', { standing: undefined }, []],
    [
      'each Eviction of the pod is told',
      { evictions: [evictionWith({ state: 'Canceled', condition: 'Failed' }), evictionWith({ name: 'second' })] },
      ['move web-1', heartbeat('Pending')],
    ],
  ])('%s', (_what, facts, steps) => {
    expect(plan(facts)).toEqual(steps);
  });

  it.each<[string, Partial<ResponseFacts>, string]>([
    [
      'cannot be moved, with every reason',
      standing({
        findings: [
          { reason: 'HostPortUsed', message: 'port 80' },
          { reason: 'TerminalUsed', message: 'a tty' },
        ],
      }),
      declined('HostPortUsed: port 80; TerminalUsed: a tty'),
    ],
    [
      'is not moved by evictions, as its policy says',
      standing({
        policy: {
          name: 'strict',
          spec: { ...builtInPolicy, triggers: { ...builtInPolicy.triggers, eviction: false } },
        },
      }),
      declined('MigrationPolicy strict turns no eviction into a move (triggers.eviction: false)'),
    ],
    [
      'is of several policies',
      standing({
        policy: { conflict: { reason: 'PolicyConflict', message: 'a and b' } },
        findings: [{ reason: 'PolicyConflict', message: 'a and b' }],
      }),
      declined('PolicyConflict: a and b'),
    ],
    [
      'gets no Migration from the API server',
      { refusal: 'exceeded quota' },
      declined('the API server has refused its Migration: exceeded quota'),
    ],
    [
      'could not be moved',
      { migrations: [moveIn('Failed', { reason: 'DumpFailed', message: 'CRIU says no' })] },
      declined(`Migration default/${name} has ended as Failed, DumpFailed: CRIU says no`),
    ],
    [
      'was not to be moved, as a person has said',
      { migrations: [moveIn('Cancelled', { reason: 'CancelRequested', message: 'cancelled in phase Preparing' })] },
      declined(`Migration default/${name} has ended as Cancelled, CancelRequested: cancelled in phase Preparing`),
    ],
    [
      'has been moved',
      { migrations: [moveIn('Succeeded')], standing: undefined },
      `complete: Pod default/web-1 was moved by Migration default/${name} and runs on as pod web-1-m1 on node n2`,
    ],
    [
      'was lost after its move',
      { migrations: [moveIn('Lost', { reason: 'TargetLost', message: 'node n2 died' })], standing: undefined },
      `complete: Pod default/web-1 was moved by Migration default/${name} and lost after that: TargetLost: node n2 died`,
    ],
  ])('it is over when the pod %s', (_what, facts, step) => {
    expect(plan(facts)).toEqual([step]);
  });

  it.each(phases.filter((phase) => !isFinished(phase)))('it is not over while the move is %s', (phase) => {
    expect(plan({ migrations: [moveIn(phase)] })).toEqual([heartbeat(phase)]);
  });

  it('the latest of several moves counts, unless one is under way', () => {
    const earlier = moveIn('Succeeded', {}, {}, { name: 'earlier', creationTimestamp: '2026-01-01T00:00:00Z' });
    const failed = moveIn('Failed', { reason: 'DumpFailed', message: '' }, {}, { name: 'later' });
    expect(plan({ migrations: [earlier, failed] })[0]).toContain('later has ended as Failed');
    expect(plan({ migrations: [earlier, failed, moveIn('Moving')] })).toEqual([heartbeat('Moving')]);
  });
});

describe('when it is not our turn', () => {
  const over: [string, Partial<ResponseFacts>][] = [
    ['because nobody wants the eviction any more', { evictions: [evictionWith({ state: 'Canceled' })] }],
    ['because we were silent for too long', { evictions: [evictionWith({ state: 'Interrupted' })] }],
    ['because another responder has to act first', { evictions: [evictionWith({ state: 'Inactive' })] }],
    ['because it has failed', { evictions: [evictionWith({ condition: 'Failed' })] }],
    ['because the Eviction is gone', { evictions: [] }],
  ];

  it.each(over)('nothing is moved and nothing is said, %s', (_why, facts) => {
    expect(plan(facts)).toEqual([]);
  });

  it.each(over)('a move that it had begun is taken back, %s', (_why, facts) => {
    expect(plan({ ...facts, migrations: [moveIn('Preparing')] })).toEqual([`withdraw ${name}`]);
  });

  it('nothing is said before it has begun, and nothing twice', () => {
    expect(plan({ evictions: [evictionWith({ said: { startTime: undefined } })] })).toEqual([]);
    expect(plan({ evictions: [evictionWith({ said: { completionTime: timestamp(now) } })] })).toEqual([]);
  });

  const canceled = [evictionWith({ state: 'Canceled' })];

  it.each(phases)('a move that is %s is taken back only if it has neither ended nor committed', (phase) => {
    const isLate = isFinished(phase) || isCommitted(phase);
    expect(plan({ evictions: canceled, migrations: [moveIn(phase)] })).toEqual(isLate ? [] : [`withdraw ${name}`]);
  });

  it.each<[string, Partial<ResponseFacts>]>([
    ['that somebody else has asked for', { migrations: [moveIn('Preparing', {}, { trigger: 'Eviction' })] }],
    ['that is being taken back', { migrations: [moveIn('Preparing', {}, { cancel: true })] }],
    ['of a pod whose object is gone before the commit', { standing: undefined, migrations: [moveIn('Preparing')] }],
    [
      'by which the pod was evicted',
      { evictions: [evictionWith({ state: 'Canceled', condition: 'TargetEvicted' })], migrations: [moveIn('Moving')] },
    ],
  ])('a move is left alone %s', (_what, facts) => {
    expect(plan({ evictions: canceled, ...facts })).toEqual([]);
  });
});
