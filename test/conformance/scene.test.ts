import { describe, expect, it } from 'vitest';
import { workers } from '../../lab/cluster.ts';
import { routeOf } from './scene.ts';

const routes = Array.from({ length: 2 * workers.length }, (_, number) => routeOf(number));

describe('the routes of the cases', () => {
  it('empty every worker once before they empty one again', () => {
    const emptied = routes.slice(0, workers.length).map(({ from }) => from);
    expect(emptied.toSorted()).toEqual(workers.map(({ name }) => name));
  });

  it('have all four pairs of runtimes', () => {
    const kinds = new Map(workers.map(({ name, runtime }) => [name, runtime]));
    expect(new Set(routes.map(({ from, to }) => `${kinds.get(from) ?? ''} ${kinds.get(to) ?? ''}`)).size).toBe(4);
  });

  it('never empty the node to which the case before has moved', () => {
    for (const [number, { to }] of routes.slice(0, -1).entries()) expect(routes[number + 1]?.from).not.toBe(to);
  });
});
