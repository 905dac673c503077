import { describe, expect, it } from 'vitest';
import type { Migration, MigrationSpec, MigrationStatus } from '../../api/migration.ts';
import { queueOf, reasonToWait } from './limits.ts';
import { Line } from './line.ts';
import { factsWith, migrationWith, now, podWith, source } from '../move-fixture.ts';
import { builtIn, type ChosenPolicy } from '../policy/policy.ts';
import type { Waiting, Way } from './queue.ts';

const way = (from: string, to = 'n9'): Way => ({ from, to });

/** Older than ours. */
const before = (key: string, changes: Partial<Waiting> = {}): Waiting => ({
  ...{ key, since: 0, priority: 0, limits: builtIn.spec, from: 'n1', to: undefined },
  ...changes,
});

interface Given {
  readonly migration?: Migration;
  readonly waiting?: readonly Waiting[];
  readonly underWay?: readonly Way[];
}

const reasonWith = (
  { migration = migrationWith(), waiting = [], underWay = [] }: Given,
  changes: Partial<ChosenPolicy['spec']> = {},
): string | undefined => {
  const policy = { name: 'default', spec: { ...builtIn.spec, ...changes } };
  return reasonToWait(factsWith({ migration, line: new Line({ waiting, underWay, now }) }), {
    source: podWith(),
    policy,
  });
};
const many = (count: number): Waiting[] => Array.from({ length: count }, (_, index) => before(`m${index}`));
const full = [way('n1'), way('n1')];

describe('a move', () => {
  it.each<[string, Given, string | undefined]>([
    ['does not wait while there is room', { underWay: [way('n1'), way('n2')] }, undefined],
    ['says where there is none', { underWay: full }, '2 moves are under way from node n1, the limit is 2'],
    [
      'says so of the node that it names',
      {
        migration: migrationWith(undefined, { targetNodeName: 'n3' }),
        underWay: [way('n4', 'n3'), way('n5', 'n3')],
      },
      '2 moves are under way to node n3, the limit is 2',
    ],
    [
      'says that one goes before it',
      { underWay: full, waiting: many(1) },
      '2 moves are under way from node n1, the limit is 2; 1 move goes before it',
    ],
    [
      'says how many go before it',
      { underWay: full, waiting: many(5) },
      '2 moves are under way from node n1, the limit is 2; 5 moves go before it',
    ],
    [
      'says so in steps when there are many, because each change is a write',
      { underWay: full, waiting: many(199) },
      '2 moves are under way from node n1, the limit is 2; more than 100 moves go before it',
    ],
    [
      'leaves the room to those before it',
      { underWay: [way('n1')], waiting: many(1) },
      'the room from node n1 is for those that go before it, the limit is 2; 1 move goes before it',
    ],
    [
      'goes before one of a lower place',
      { underWay: [way('n1')], waiting: [before('later', { since: now })] },
      undefined,
    ],
    [
      'is not held up by those of other nodes',
      { waiting: [before('a', { from: 'n2' })], underWay: [way('n2')] },
      undefined,
    ],
  ])('%s', (_what, facts, expected) => {
    expect(reasonWith(facts)).toBe(expected);
  });

  it('waits under the limits of its own policy', () => {
    expect(reasonWith({ underWay: [way('n2')] }, { maxConcurrent: 1 })).toBe(
      '1 move is under way in the cluster, the limit is 1',
    );
  });
});

describe('in the queue', () => {
  const keysOf = (migrations: Migration[]): string[] =>
    queueOf(migrations, {
      podOf: ({ spec }) => (spec.podName === 'web-1' ? podWith() : undefined),
      policyOf: () => builtIn,
    }).map(({ key }) => key);

  const pending = (spec: Partial<MigrationSpec> = {}, metadata: object = {}) =>
    migrationWith(undefined, spec, metadata);
  const moving = (status: Partial<MigrationStatus>) =>
    migrationWith({ phase: 'Moving', ...status }, {}, { name: 'first', uid: 'first' });

  it.each<[string, Migration[], string[]]>([
    ['is a Migration that has not been accepted yet', [pending()], ['default/move']],
    ['is none that is under way', [moving({ source: { ...source, podUID: 'x' } })], []],
    ['is none whose pod is not known', [pending({ podName: 'web-2' })], []],
    ['is none of an earlier pod of that name', [pending({ podUID: 'earlier' })], []],
    ['is none that is cancelled', [pending({ cancel: true })], []],
    ['is none that is deleted', [pending({}, { deletionTimestamp: '2026-01-01T00:09:30Z' })], []],
    ['is none that waits for another move of its pod', [pending(), moving({ source })], []],
  ])('%s', (_what, migrations, expected) => {
    expect(keysOf(migrations)).toEqual(expected);
  });

  it('is none that no policy holds for', () => {
    const conflict = { reason: 'PolicyConflict', message: 'a and b' } as const;
    expect(queueOf([pending()], { podOf: () => podWith(), policyOf: () => ({ conflict }) })).toEqual([]);
  });

  it('stands a Migration by its age and what its policy says', () => {
    const spec = { ...builtIn.spec, priority: 7 };
    const policyOf = () => ({ name: 'urgent', spec });
    const [place] = queueOf([pending({ targetNodeName: 'n3' })], { podOf: () => podWith(), policyOf });
    const since = Date.parse('2026-01-01T00:09:00Z');
    expect(place).toEqual({ key: 'default/move', since, priority: 7, limits: spec, from: 'n1', to: 'n3' });
  });
});
