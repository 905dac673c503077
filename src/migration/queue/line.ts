import { type Obstacle, obstaclesOf, type Waiting, type Way } from './queue.ts';

const areSame = (a: Waiting, b: Waiting): boolean =>
  a.since === b.since && a.priority === b.priority && a.limits === b.limits && a.from === b.from && a.to === b.to;

export interface Standing {
  readonly waiting: readonly Waiting[];
  readonly underWay: readonly Way[];
  readonly now: number;
}

/**
 * All moves that wait for room at one moment, and all that have some. Each of
 * those that wait asks what stands in its way; it is found out once for all of
 * them, or n moves would take n² steps to hear that they still have to wait.
 */
export class Line {
  readonly #standing: Standing;
  readonly #places: ReadonlyMap<string, Waiting>;
  #obstacles: ReadonlyMap<string, Obstacle> | undefined;

  constructor(standing: Standing) {
    this.#standing = standing;
    this.#places = new Map(standing.waiting.map((place) => [place.key, place]));
  }

  /** Why this move cannot begin; undefined when it may. It need not stand in the line yet, and may stand there as it was before. */
  obstacleOf(own: Waiting): Obstacle | undefined {
    const { waiting, underWay, now } = this.#standing;
    const place = this.#places.get(own.key);
    if (place && areSame(place, own)) {
      this.#obstacles ??= obstaclesOf(waiting, underWay, now);
      return this.#obstacles.get(own.key);
    }
    const others = waiting.filter(({ key }) => key !== own.key);
    return obstaclesOf([...others, own], underWay, now).get(own.key);
  }
}

/** Where nobody waits, and nobody is under way. */
export const emptyLine = new Line({ waiting: [], underWay: [], now: 0 });
