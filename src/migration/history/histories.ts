import fc from 'fast-check';
import { phaseOf } from '../../api/migration.ts';
import { mayFollow } from '../../api/phase.ts';
import { now } from '../move-fixture.ts';
import { anyDisaster, anyEvent, calm, type Event, happen, type Minds } from './events.ts';
import { brokenInTheEnd, brokenNow } from './promises.ts';
import { beginning, type Kind, type World } from './world.ts';

/** How far the move comes before the first thing goes wrong: every step has its share of the histories. */
const undisturbed = fc.nat(26).map((turns): Event[] => Array.from({ length: turns }, () => ({ what: 'turn' })));

export const ordinary = fc
  .tuple(undisturbed, fc.array(anyEvent, { minLength: 5, maxLength: 90 }))
  .map(([turns, events]) => [...turns, ...events]);

/** A history in which something ends for good at some time. */
export const disastrous = fc
  .tuple(ordinary, anyDisaster, fc.nat(60))
  .map(([events, disaster, at]) => events.toSpliced(at, 0, disaster));

const kindsThat = (keepsName: boolean): fc.Arbitrary<Kind> =>
  fc.record({ retries: fc.integer({ min: 0, max: 3 }), keepsName: fc.constant(keepsName) });

export const changingNames = kindsThat(false);
export const keepingNames = kindsThat(true);
export const kinds = fc.oneof(changingNames, keepingNames);

const unlawful = (world: World): readonly string[] => {
  const phases = world.record.states.map(phaseOf);
  return phases.flatMap((phase, index) => {
    const before = phases[index - 1] ?? phase;
    return before === phase || mayFollow(before, phase) ? [] : [`the record went from ${before} to ${phase}`];
  });
};

/** A world that has lived through a history and then through a calm; broken off at the first broken promise. */
export const live = (events: readonly Event[], kind: Kind, minds: Minds = {}): World => {
  const world = beginning(now, kind, minds.laws);
  for (const event of events) {
    happen(world, event, minds);
    if (brokenNow(world).length > 0) return world;
  }
  calm(world, minds, () => brokenNow(world).length > 0 || brokenInTheEnd(world).length === 0);
  return world;
};

/** Every promise that is broken in a world that has been lived through. */
export const broken = (world: World): readonly string[] => [
  ...brokenNow(world),
  ...unlawful(world),
  ...brokenInTheEnd(world),
];
