import { describe, expect, it } from 'vitest';
import { type Migration, migrationNameOf } from '../../api/migration.ts';
import { builtInPolicy } from '../../api/migration-policy.ts';
import { phases } from '../../api/phase.ts';
import type { Node } from '../../api/pod.ts';
import { migrationWith, podWith, source, sourceUID } from '../../migration/move-fixture.ts';
import { type CordonStep, decideCordon } from './decide.ts';
import type { CordonFacts, MovablePod } from './facts.ts';

const nodeWith = (unschedulable: boolean, annotations: Record<string, string> = {}): Node => ({
  metadata: { name: 'n1', uid: 'n1', resourceVersion: '1', annotations },
  spec: { unschedulable },
});
const cordoned = nodeWith(true);
const open = nodeWith(false);
const exempt = nodeWith(true, { 'transship.dev/cordon': 'false' });

const name = migrationNameOf('web-1', sourceUID);
const withdrawn = migrationWith(
  { phase: 'Cancelled', source },
  { trigger: 'Cordon', cancel: true },
  { name, annotations: { 'transship.dev/withdrawn': 'true' } },
);
const byCordon = (phase: Migration['status'] extends undefined ? never : (typeof phases)[number]) =>
  migrationWith({ phase, source }, { trigger: 'Cordon', podUID: sourceUID }, { name });

const keeping = { ...builtInPolicy, triggers: { ...builtInPolicy.triggers, cordon: false } };
const movable = (pod = podWith(), policy = builtInPolicy): MovablePod => ({ pod, policy });

const told = (step: CordonStep): string => {
  if (step.do === 'withdraw') return `withdraw ${step.migration.metadata.name}`;
  return `move ${step.pod.metadata.name}${step.instead ? ` instead of ${step.instead.metadata.name}` : ''}`;
};

const plan = (facts: Partial<CordonFacts>): string[] =>
  decideCordon({ node: cordoned, pods: [movable()], migrations: [], ...facts }).map(told);

describe('a node that is cordoned', () => {
  it.each<[string, Partial<CordonFacts>, string[]]>([
    ['is emptied of what can be moved', {}, ['move web-1']],
    [
      'of each pod',
      { pods: [movable(), movable(podWith({ metadata: { name: 'web-2', uid: 'other' } }))] },
      ['move web-1', 'move web-2'],
    ],
    ['keeps the pods whose policy does not say so', { pods: [movable(podWith(), keeping)] }, []],
    [
      'is emptied of those whose policy says so',
      { pods: [movable(podWith(), keeping), movable(podWith({ metadata: { name: 'web-2', uid: 'other' } }))] },
      ['move web-2'],
    ],
    ['keeps its pods when it is exempt', { node: exempt }, []],
    [
      'is emptied whatever else that annotation says',
      { node: nodeWith(true, { 'transship.dev/cordon': 'true' }) },
      ['move web-1'],
    ],
    ['takes nothing back', { pods: [], migrations: [byCordon('Preparing')] }, []],
    ...phases.map((phase): [string, Partial<CordonFacts>, string[]] => [
      `asks for no second move of a pod whose first is ${phase}`,
      { migrations: [byCordon(phase)] },
      [],
    ]),
    [
      'nor when somebody has asked for it in words of their own',
      { migrations: [migrationWith({ phase: 'Failed', source }, {}, { name: 'by-hand' })] },
      [],
    ],
    ['nor when a request by name alone waits', { migrations: [migrationWith(undefined, {}, { name: 'by-hand' })] }, []],
    [
      'moves a pod although an earlier one of its name has been moved',
      { migrations: [migrationWith({ phase: 'Succeeded', source: { ...source, podUID: 'earlier' } })] },
      ['move web-1'],
    ],
    [
      'moves a pod although one of its name in another namespace is being moved',
      { migrations: [migrationWith({ phase: 'Moving', source }, {}, { namespace: 'other' })] },
      ['move web-1'],
    ],
    [
      'moves a pod again whose move was taken back when the node was opened',
      { migrations: [withdrawn] },
      [`move web-1 instead of ${name}`],
    ],
    [
      'but not one that somebody has cancelled',
      { migrations: [migrationWith({ phase: 'Cancelled', source }, { trigger: 'Cordon', cancel: true }, { name })] },
      [],
    ],
  ])('%s', (_what, facts, steps) => {
    expect(plan(facts)).toEqual(steps);
  });
});

describe('a node that is opened again', () => {
  it.each(phases)('takes back what cordoning has started and is %s, if it has not ended or committed', (phase) => {
    const isLate = ['Committed', 'Succeeded', 'Lost', 'Failed', 'Cancelled'].includes(phase);
    expect(plan({ node: open, migrations: [byCordon(phase)] })).toEqual(isLate ? [] : [`withdraw ${name}`]);
  });

  it.each<[string, Partial<CordonFacts>, string[]]>([
    ['moves nothing', {}, []],
    [
      'takes it back also where the policy has changed',
      { pods: [movable(podWith(), keeping)], migrations: [byCordon('Preparing')] },
      [`withdraw ${name}`],
    ],
    [
      'leaves what an eviction or a person has started',
      {
        migrations: (['Eviction', 'Request'] as const).map((trigger) =>
          migrationWith({ phase: 'Preparing', source }, { trigger }),
        ),
      },
      [],
    ],
    [
      'does not take back twice',
      { migrations: [migrationWith({ phase: 'Preparing', source }, { trigger: 'Cordon', cancel: true })] },
      [],
    ],
  ])('%s', (_what, facts, steps) => {
    expect(plan({ node: open, ...facts })).toEqual(steps);
  });
});
