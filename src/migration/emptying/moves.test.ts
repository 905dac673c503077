import { describe, expect, it } from 'vitest';
import { type Migration, migrationNameOf, type Trigger } from '../../api/migration.ts';
import { builtInPolicy } from '../../api/migration-policy.ts';
import { type Phase, phases } from '../../api/phase.ts';
import type { Node } from '../../api/pod.ts';
import { decommissioned, migrationWith, nodeWith, podWith, source, sourceUID } from '../move-fixture.ts';
import type { EmptyingFacts, PodOnNode } from './facts.ts';
import { decideMoves, type MoveStep } from './moves.ts';

const cordoned = nodeWith('n1', { unschedulable: true });
const open = nodeWith('n1');
const given = nodeWith('n1', decommissioned);
const both = nodeWith('n1', { ...decommissioned, unschedulable: true });

const annotated = (node: Node, value: string): Node => ({
  ...node,
  metadata: { ...node.metadata, annotations: { 'transship.dev/cordon': value } },
});
const exempt = annotated(cordoned, 'false');

const name = migrationNameOf('web-1', sourceUID);
const withdrawn = migrationWith(
  { phase: 'Cancelled', source },
  { trigger: 'Cordon', cancel: true },
  { name, annotations: { 'transship.dev/withdrawn': 'true' } },
);
const by = (trigger: Trigger, phase: Phase, spec: Partial<Migration['spec']> = {}): Migration =>
  migrationWith({ phase, source }, { trigger, podUID: sourceUID, ...spec }, { name });

const withTriggers = (triggers: Partial<typeof builtInPolicy.triggers>) => ({
  ...builtInPolicy,
  triggers: { ...builtInPolicy.triggers, ...triggers },
});
const keeping = withTriggers({ cordon: false });
const movable = (pod = podWith(), spec = builtInPolicy): PodOnNode => ({
  pod,
  policy: { name: 'default', spec },
  findings: [],
});
const unmovable: PodOnNode = { ...movable(), findings: [{ reason: 'HostPortUsed', message: 'port 80' }] };
const another = (spec = builtInPolicy): PodOnNode =>
  movable(podWith({ metadata: { name: 'web-2', uid: 'other' } }), spec);

const told = (step: MoveStep): string => {
  if (step.do === 'withdraw') return `withdraw ${step.migration.metadata.name}`;
  return `${step.cause} moves ${step.pod.metadata.name}${step.instead ? ` instead of ${step.instead.metadata.name}` : ''}`;
};

const plan = (facts: Partial<EmptyingFacts>): string[] =>
  decideMoves({ node: cordoned, pods: [movable()], migrations: [], ...facts }).map(told);

describe('a node that is cordoned', () => {
  it.each<[string, Partial<EmptyingFacts>, string[]]>([
    ['is emptied of what can be moved', {}, ['Cordon moves web-1']],
    ['of each pod', { pods: [movable(), another()] }, ['Cordon moves web-1', 'Cordon moves web-2']],
    ['keeps the pods whose policy does not say so', { pods: [movable(podWith(), keeping)] }, []],
    [
      'is emptied of those whose policy says so',
      { pods: [movable(podWith(), keeping), another()] },
      ['Cordon moves web-2'],
    ],
    ['keeps its pods when it is exempt', { node: exempt }, []],
    ['is emptied whatever else that annotation says', { node: annotated(cordoned, 'true') }, ['Cordon moves web-1']],
    ['keeps the pods that cannot be moved', { pods: [unmovable] }, []],
    [
      'keeps those of the system, unless somebody asks for them by name',
      { pods: [movable(podWith({ metadata: { namespace: 'kube-system' } }))] },
      [],
    ],
    [
      'keeps those about which policies are in conflict',
      { pods: [{ ...movable(), policy: { conflict: { reason: 'PolicyConflict', message: 'a and b' } } }] },
      [],
    ],
    ['takes nothing back', { pods: [], migrations: [by('Cordon', 'Preparing')] }, []],
    ...phases.map((phase): [string, Partial<EmptyingFacts>, string[]] => [
      `asks for no second move of a pod whose first is ${phase}`,
      { migrations: [by('Cordon', phase)] },
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
      ['Cordon moves web-1'],
    ],
    [
      'moves a pod although one of its name in another namespace is being moved',
      { migrations: [migrationWith({ phase: 'Moving', source }, {}, { namespace: 'other' })] },
      ['Cordon moves web-1'],
    ],
    [
      'moves a pod again whose move was taken back when the node was opened',
      { migrations: [withdrawn] },
      [`Cordon moves web-1 instead of ${name}`],
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

describe('a node that is decommissioned', () => {
  it.each<[string, Partial<EmptyingFacts>, string[]]>([
    ['is emptied of what can be moved', {}, ['Decommission moves web-1']],
    [
      'is so whatever its annotation says of cordoning',
      { node: annotated(given, 'false') },
      ['Decommission moves web-1'],
    ],
    [
      'is so also of pods that cordoning would keep',
      { node: both, pods: [movable(podWith(), keeping)] },
      ['Decommission moves web-1'],
    ],
    [
      'moves no pods whose policy does not say so',
      { pods: [movable(podWith(), withTriggers({ decommission: false }))] },
      [],
    ],
    [
      'moves them because it is cordoned as well',
      { node: both, pods: [movable(podWith(), withTriggers({ decommission: false }))] },
      ['Cordon moves web-1'],
    ],
    ['goes on with what cordoning has begun', { node: both, migrations: [by('Cordon', 'Preparing')] }, []],
    ['goes on with it when it is uncordoned', { migrations: [by('Cordon', 'Preparing')] }, []],
    [
      'takes it back then, if the policy knows cordoning only',
      {
        pods: [movable(podWith(), withTriggers({ decommission: false }))],
        migrations: [by('Cordon', 'Preparing')],
      },
      [`withdraw ${name}`],
    ],
    [
      'moves a pod again whose move was taken back',
      { migrations: [withdrawn] },
      [`Decommission moves web-1 instead of ${name}`],
    ],
  ])('%s', (_what, facts, steps) => {
    expect(plan({ node: given, ...facts })).toEqual(steps);
  });
});

describe('a node that is opened again', () => {
  it.each(phases)('takes back what it has started itself and is %s, if it has not ended or committed', (phase) => {
    const isLate = ['Committed', 'Succeeded', 'Lost', 'Failed', 'Cancelled'].includes(phase);
    for (const cause of ['Cordon', 'Decommission'] as const)
      expect(plan({ node: open, migrations: [by(cause, phase)] })).toEqual(isLate ? [] : [`withdraw ${name}`]);
  });

  it.each<[string, Partial<EmptyingFacts>, string[]]>([
    ['moves nothing', {}, []],
    [
      'takes it back also where the policy has changed',
      { pods: [movable(podWith(), keeping)], migrations: [by('Cordon', 'Preparing')] },
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
    ['does not take back twice', { migrations: [by('Cordon', 'Preparing', { cancel: true })] }, []],
    [
      'takes it back also when it is only exempt from now on',
      { node: exempt, migrations: [by('Cordon', 'Preparing')] },
      [`withdraw ${name}`],
    ],
    [
      'goes on with what its being decommissioned has begun, as long as it is cordoned',
      { node: cordoned, migrations: [by('Decommission', 'Preparing')] },
      [],
    ],
    [
      'takes that back, if the policy does not know cordoning',
      { node: cordoned, pods: [movable(podWith(), keeping)], migrations: [by('Decommission', 'Preparing')] },
      [`withdraw ${name}`],
    ],
  ])('%s', (_what, facts, steps) => {
    expect(plan({ node: open, ...facts })).toEqual(steps);
  });
});
