import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LabelSelector } from '../../api/label-selector.ts';
import { migrationPolicy, type MigrationPolicy, type WrittenPolicySpec } from '../../api/migration-policy.ts';
import { podWith } from '../move-fixture.ts';
import { policyOf, policyText } from './policy.ts';

const policy = (name: string, spec: WrittenPolicySpec = {}): MigrationPolicy =>
  migrationPolicy.parse({ metadata: { name, uid: name, resourceVersion: '1' }, spec });

const app: LabelSelector = { matchLabels: { app: 'web' } };
const appAndTier: LabelSelector = { matchLabels: { app: 'web', tier: 'front' } };
const team: LabelSelector = { matchLabels: { team: 'shop' } };
const teamAndStage: LabelSelector = { matchLabels: { team: 'shop', stage: 'live' } };
const foreign: LabelSelector = { matchLabels: { app: 'db' } };

const pod = podWith({ metadata: { labels: { app: 'web', tier: 'front' } } });
const namespaceLabels = { team: 'shop', stage: 'live' };

const choiceOf = (...policies: MigrationPolicy[]): string | undefined => {
  const choice = policyOf(policies, pod, namespaceLabels);
  return 'conflict' in choice ? choice.conflict.reason : choice.name;
};

describe('for a pod holds', () => {
  it.each<[string, MigrationPolicy[], string | undefined]>([
    ['what is built in, where there is no policy', [], undefined],
    ['what is built in, where none selects it', [policy('a', { podSelector: foreign })], undefined],
    ['the default policy', [policy('default')], 'default'],
    ['a policy for all pods before the default one', [policy('default'), policy('all')], 'all'],
    [
      'one that selects its namespace before one for all pods',
      [policy('a', { namespaceSelector: team }), policy('all')],
      'a',
    ],
    [
      'one that selects pods before one that selects namespaces, whatever the requirements',
      [policy('n', { namespaceSelector: teamAndStage }), policy('p', { podSelector: app })],
      'p',
    ],
    [
      'the one with more requirements on pods',
      [policy('one', { podSelector: app }), policy('two', { podSelector: appAndTier })],
      'two',
    ],
    [
      'the one with more requirements on namespaces',
      [policy('one', { namespaceSelector: team }), policy('two', { namespaceSelector: teamAndStage })],
      'two',
    ],
    [
      'the one that asks for the namespace besides',
      [policy('pod', { podSelector: app }), policy('both', { podSelector: app, namespaceSelector: team })],
      'both',
    ],
    [
      'none that selects the pod but not its namespace',
      [policy('default'), policy('a', { podSelector: app, namespaceSelector: foreign })],
      'default',
    ],
    [
      'the default policy as any other, where it has selectors',
      [policy('default', { podSelector: app }), policy('all')],
      'default',
    ],
    [
      'none of two that are equal',
      [policy('a', { podSelector: app }), policy('b', { podSelector: app })],
      'PolicyConflict',
    ],
    ['none of two for all pods', [policy('a'), policy('b', { podSelector: {} }), policy('default')], 'PolicyConflict'],
    [
      'a more specific one, also where two others are equal',
      [policy('a', { podSelector: app }), policy('b', { podSelector: app }), policy('c', { podSelector: appAndTier })],
      'c',
    ],
  ])('%s', (_what, policies, expected) => {
    expect(choiceOf(...policies)).toBe(expected);
  });
});

it('a conflict names the policies and says what to do', () => {
  const both = [policy('b', { podSelector: app }), policy('a', { podSelector: app })];
  expect(policyOf(both, pod, namespaceLabels)).toEqual({
    conflict: {
      reason: 'PolicyConflict',
      message:
        'Pod default/web-1 is selected by the MigrationPolicies a and b, of which none is more specific, so none holds; add a requirement to the selector of the one that is to hold, or make the other not select the pod',
    },
  });
});

it('a policy is named as such, and so is that there is none', () => {
  const names = [[policy('strict')], []].map((policies) => {
    const choice = policyOf(policies, pod, namespaceLabels);
    return 'conflict' in choice ? '' : policyText(choice);
  });
  expect(names).toEqual(['MigrationPolicy strict', 'the built-in policy']);
});

const anyLabels = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y'));
const anyKey = fc.constantFrom('a', 'b', 'c');
const anyExpression = fc.oneof(
  fc.record({
    key: anyKey,
    operator: fc.constantFrom('In' as const, 'NotIn' as const),
    values: fc.uniqueArray(fc.constantFrom('x', 'y'), { minLength: 1 }),
  }),
  fc.record({ key: anyKey, operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const) }),
);
const anySelector = fc.option(
  fc.record({ matchLabels: anyLabels, matchExpressions: fc.array(anyExpression, { maxLength: 2 }) }),
  { nil: undefined },
);
const anyPolicies = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom('default', 'p', 'q', 'r', 's', 't'),
      namespaceSelector: anySelector,
      podSelector: anySelector,
    }),
    { selector: ({ name }) => name, maxLength: 6 },
  )
  .map((all) => all.map(({ name, ...spec }) => policy(name, spec)));

it('there is exactly one answer, whatever the order of the policies', () => {
  fc.assert(
    fc.property(
      anyPolicies.chain((policies) =>
        fc.tuple(fc.constant(policies), fc.shuffledSubarray(policies, { minLength: policies.length })),
      ),
      anyLabels,
      anyLabels,
      ([policies, shuffled], labels, ofNamespace) => {
        const labelled = podWith({ metadata: { labels } });
        const choice = policyOf(policies, labelled, ofNamespace);
        expect(policyOf(shuffled, labelled, ofNamespace)).toEqual(choice);
        // Without those that lost, the winner wins all the same.
        const winner = policies.filter(({ metadata }) => !('conflict' in choice) && metadata.name === choice.name);
        if (!('conflict' in choice)) expect(policyOf(winner, labelled, ofNamespace)).toEqual(choice);
      },
    ),
  );
});
