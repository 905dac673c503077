import { beforeEach, describe, expect, it } from 'vitest';
import type { Migration } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import { FakeClock } from '../../clock/fake-clock.ts';
import { lookupIn, type Lookup } from '../../kube/lookup.ts';
import { migrationWith, now, podWith } from '../../migration/move-fixture.ts';
import { builtIn } from '../../migration/policy/policy.ts';
import { OwnWrites } from './own-writes.ts';
import { PresentLine } from './present-line.ts';

const many = 200;

const numbered = (number: number): Migration =>
  migrationWith(undefined, { podName: `web-${number}` }, { name: `move-${number}`, uid: `m-${number}` });

let clock: FakeClock;
let known: Lookup<Migration>;
let ownWrites: OwnWrites;
let asked: number;
let line: PresentLine;

beforeEach(() => {
  clock = new FakeClock(now);
  known = lookupIn(Array.from({ length: many }, (_, number) => numbered(number)));
  ownWrites = new OwnWrites();
  asked = 0;
  line = new PresentLine({
    migrations: { get: (key) => known.get(key), items: () => known.items() },
    pods: { get: ({ name }): Pod => podWith({ metadata: { name, uid: name } }), items: () => [] },
    policyOf: () => {
      asked += 1;
      return builtIn;
    },
    ownWrites,
    clock,
  });
});

/** How many moves were asked for their place while each of them had a look at the line. */
const asksOfAll = (): number => {
  asked = 0;
  for (let number = 0; number < many; number += 1) line.get();
  return asked;
};

describe('the line is formed', () => {
  it('once for all who wait in it', () => {
    expect(asksOfAll()).toBe(many);
    expect(asksOfAll()).toBe(0);
  });

  it.each<[string, () => unknown]>([
    ['when a Migration changes', () => (known = lookupIn([...known.items()]))],
    ['when we have written one', () => ownWrites.note(migrationWith({}, {}, { resourceVersion: '22' }))],
    ['after a second, because pods and policies change, too', () => clock.advance(1_000)],
  ])('anew %s', async (_when, change) => {
    asksOfAll();
    await change();
    expect(asksOfAll()).toBe(many);
  });

  it('as what we have written says, before the cache knows of it', () => {
    line.get();
    const begun = { ...numbered(0), status: { phase: 'Moving' as const } };
    ownWrites.note({ ...begun, metadata: { ...begun.metadata, resourceVersion: '22' } });
    expect(asksOfAll()).toBe(many - 1);
  });
});
