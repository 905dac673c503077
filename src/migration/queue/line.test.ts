import { describe, expect, it } from 'vitest';
import { Line } from './line.ts';
import { now } from '../move-fixture.ts';
import { builtIn } from '../policy/policy.ts';
import { obstaclesOf, type Waiting } from './queue.ts';

const limits = builtIn.spec;
const placeOf = (number: number): Waiting => ({
  ...{ key: `m${number}`, since: now - 1_000 * number, priority: number % 3, limits },
  ...{ from: `n${number % 7}`, to: number % 5 === 0 ? 'n9' : undefined },
});
const places = (count: number): readonly Waiting[] => Array.from({ length: count }, (_, number) => placeOf(number));
const underWay = [{ from: 'n1', to: 'n9' }];

describe('a move hears', () => {
  it('what stands in its way from the line in which it stands', () => {
    const waiting = places(100);
    const line = new Line({ waiting, underWay, now });
    const obstacles = obstaclesOf(waiting, underWay, now);
    expect(waiting.map((place) => line.obstacleOf(place))).toEqual(waiting.map(({ key }) => obstacles.get(key)));
  });

  it('so, too, when it has only just come', () => {
    const [own, ...waiting] = places(100);
    const obstacle = obstaclesOf([...waiting, own!], underWay, now).get('m0');
    expect(obstacle).toBeDefined();
    expect(new Line({ waiting, underWay, now }).obstacleOf(own!)).toEqual(obstacle);
  });

  it('what holds for it as it is now, when it stands there as it was', () => {
    const full = [1, 2].map(() => ({ from: 'n1', to: 'n2' }));
    const [was, is] = [placeOf(1), { ...placeOf(1), from: 'n2' }];
    const line = new Line({ waiting: [was], underWay: full, now });
    expect([line.obstacleOf(was)?.room, line.obstacleOf(is)]).toEqual(['from node n1', undefined]);
  });
});

it('a line of moves that all ask is gone through once', () => {
  let looks = 0;
  const waiting = places(1_000).map((place) =>
    Object.defineProperty({ ...place }, 'since', { get: () => ((looks += 1), place.since) }),
  );
  const line = new Line({ waiting, underWay, now });
  for (const place of waiting) line.obstacleOf(place);
  // To sort them takes some ten looks at each.
  expect(looks / waiting.length).toBeLessThan(50);
});
