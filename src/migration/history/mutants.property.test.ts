import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Migration, phaseOf } from '../../api/migration.ts';
import { decide } from '../decide.ts';
import { type SourceFacts, sourceRules } from '../source/decide.ts';
import { targetRules } from '../target/decide.ts';
import type { Controller } from './controller-actor.ts';
import type { Event, Minds } from './events.ts';
import type { Kind } from './world.ts';
import { broken, changingNames, disastrous, keepingNames, live, ordinary } from './histories.ts';

/** Enough to find each of them many times over; the search ends at the first. */
const mostRuns = 60_000;
const searchLimitMs = 90_000;

const withStatus = (migration: Migration, status: Partial<NonNullable<Migration['status']>>): Migration => ({
  ...migration,
  status: { phase: phaseOf(migration), ...migration.status, ...status },
});

const withoutRequests = (record: SourceFacts['record']): SourceFacts['record'] =>
  record === undefined || record === 'gone' ? record : { ...record, spec: { ...record.spec, cancel: false } };

const released = (migration: Migration): Migration => {
  const { target } = migration.status ?? {};
  return target ? withStatus(migration, { target: { ...target, releaseTime: 'now' } }) : migration;
};

const hasty: Controller = (facts, now) =>
  decide(
    phaseOf(facts.migration) === 'Moving' && facts.target
      ? { ...facts, migration: withStatus(released(facts.migration), { phase: 'Committed' }) }
      : facts,
    now,
  );

const credulous: Controller = (facts, now) =>
  decide(phaseOf(facts.migration) === 'Committed' ? { ...facts, migration: released(facts.migration) } : facts, now);

const untidy: Controller = (facts, now) =>
  decide(phaseOf(facts.migration) === 'Retrying' ? { ...facts, target: undefined } : facts, now);

const wasteful: Controller = (facts, now) => decide(facts, now).filter((step) => step.do !== 'deleteLease');

const impatient: Controller = (facts, now) =>
  decide(phaseOf(facts.migration) === 'Failed' ? { ...facts, sourceNodeIsGone: true } : facts, now);

const forgetful: Controller = (facts, now) => {
  const steps = decide(facts, now);
  const { source } = facts;
  const isAboutToRemove = steps.some((step) => step.do === 'writeStatus' && step.patch.status.removal != null);
  if (!isAboutToRemove || !source) return steps;
  return [{ do: 'deletePod', pod: { name: source.metadata.name, uid: source.metadata.uid } }];
};

/** Where a history that shows it is looked for. */
type Among = readonly [histories: fc.Arbitrary<Event[]>, kinds: fc.Arbitrary<Kind>];

describe('each rule is needed: without it some history breaks a promise', () => {
  it.each<[rule: string, mutant: Minds, promise: RegExp, among?: Among]>([
    [
      'a source whose commit may be under way is not thawed',
      { source: { ...sourceRules, mayUndo: () => true } },
      /run at once|source runs after the commit/,
    ],
    [
      'a source is never thawed after the commit',
      {
        source: {
          ...sourceRules,
          standing: (facts) => (sourceRules.standing(facts) === 'committed' ? 'closed' : sourceRules.standing(facts)),
        },
      },
      /source runs after the commit|run at once/,
    ],
    [
      'a process does not go on where another was killed',
      {
        source: {
          ...sourceRules,
          isOver: (facts, standing) => sourceRules.isOver({ ...facts, isLive: true }, standing),
        },
      },
      /./,
    ],
    [
      'a source obeys a record that has been closed',
      {
        source: {
          ...sourceRules,
          standing: (facts) => (sourceRules.standing(facts) === 'closed' ? 'open' : sourceRules.standing(facts)),
        },
      },
      /./,
    ],
    [
      'a fault is taken back',
      {
        source: {
          ...sourceRules,
          isOver: (facts, standing) => sourceRules.isOver({ ...facts, fault: undefined }, standing),
        },
      },
      /./,
    ],
    [
      'a source whose move was asked back does not commit',
      {
        source: {
          ...sourceRules,
          isOver: (facts, standing) =>
            sourceRules.isOver({ ...facts, record: withoutRequests(facts.record) }, standing),
        },
      },
      /a move commits although it was asked back/,
    ],
    [
      'a target is released by the commit alone',
      {
        target: {
          ...targetRules,
          standing: (facts) => (facts.done.has('promise') ? 'committed' : targetRules.standing(facts)),
        },
      },
      /a target runs before the commit/,
    ],
    [
      'a promised target is ended by the record alone',
      { target: { ...targetRules, isBound: () => false } },
      /the target does not run although the move committed|reported as lost|./,
    ],
    [
      'a target obeys the record only where it is about this very pod',
      {
        target: {
          ...targetRules,
          standing: (facts) => {
            const { record } = facts;
            if (record === undefined || record === 'gone' || !record.status?.target) return targetRules.standing(facts);
            const { target } = record.status;
            return targetRules.standing({
              ...facts,
              record: withStatus(record, { target: { ...target, podUID: facts.podUID } }),
            });
          },
        },
      },
      /./,
    ],
    ['the source is removed only after the commit', { controller: hasty }, /./],
    [
      'a success has been seen',
      { controller: credulous },
      /a success that nobody has seen/,
      [disastrous, changingNames],
    ],
    ['one attempt is cleared away before the next', { controller: untidy }, /./],
    [
      'a pod whose move has failed is made anew only when nothing of its source runs',
      { controller: impatient },
      /made anew runs beside another/,
      [ordinary, keepingNames],
    ],
    [
      'a pod gives up its name only when it is written down what it was',
      { controller: forgetful },
      /was not made anew/,
      [ordinary, keepingNames],
    ],
    ['what was reserved is given back', { controller: wasteful }, /the lease of a move that did not come to be/],
    ['a write is a compare-and-swap', { laws: { comparesAndSwaps: false } }, /./],
    ['the guard heeds the mark of a commit', { laws: { guardHeedsMark: false } }, /run at once|after the commit/],
    ['what may be left standing is noted down before', { laws: { journals: false } }, /./],
  ])(
    '%s',
    (_rule, mutant, promise, [histories, kinds] = [ordinary, changingNames]) => {
      const search = fc.check(
        fc.property(histories, kinds, (events, kind) => {
          expect(broken(live(events, kind, mutant)).join('; ')).not.toMatch(promise);
        }),
        { numRuns: mostRuns, seed: 1, endOnFailure: true },
      );
      expect(search.failed, `no promise was broken in ${search.numRuns} histories`).toBe(true);
    },
    searchLimitMs,
  );
});
