import fc from 'fast-check';
import type { SourceRules } from '../source/decide.ts';
import type { TargetRules } from '../target/decide.ts';
import { actAsController, type Controller, killController, sweep } from './controller-actor.ts';
import { actAsSource, killSourceAgent, type Luck } from './source-actor.ts';
import { actAsTarget, endContainers, killTargetAgent, startContainers } from './target-actor.ts';
import { changeSpec, type Laws, latest, swap, type World } from './world.ts';

/** Who acts, or what goes wrong. */
export type Event =
  | { readonly what: 'source' | 'target'; readonly luck: Luck }
  | { readonly what: 'controller' | 'start' | 'end' | 'sweep' }
  /** Everybody hears what there is and acts once, and well. */
  | { readonly what: 'turn' }
  /** The same a few times, while one of them is away and learns of nothing. */
  | {
      readonly what: 'absence';
      readonly of: 'source' | 'target' | 'controller' | 'olderTargets';
      readonly turns: number;
    }
  /** A watch tells of one of the states that the record has had, perhaps again. */
  | { readonly what: 'hear'; readonly who: 'source' | 'target' | 'controller'; readonly age: number }
  | { readonly what: 'kill'; readonly who: 'source' | 'target' | 'controller' }
  | { readonly what: 'stop'; readonly who: 'source' | 'target' }
  | { readonly what: 'break' | 'cancel' | 'deleteTarget' | 'deleteSource' | 'sourceNodeDies' | 'targetNodeDies' }
  /** Patches that were sent and not answered reach the API server after all. */
  | { readonly what: 'arrive' }
  | { readonly what: 'away'; readonly isAway: boolean }
  | { readonly what: 'wait'; readonly ms: number };

/** What decides in a history; the product's own, or one with a rule taken out. */
export interface Minds {
  readonly source?: SourceRules;
  readonly target?: TargetRules;
  readonly controller?: Controller;
  readonly laws?: Partial<Laws>;
}

const actors = fc.constantFrom('source' as const, 'target' as const, 'controller' as const);
/** Each attempt may have its target on another node, whose agent may be slow to learn that it is over. */
const absentees = fc.constantFrom('source' as const, 'target' as const, 'controller' as const, 'olderTargets' as const);
const agents = fc.constantFrom('source' as const, 'target' as const);
const luck: fc.Arbitrary<Luck> = fc.oneof(
  { weight: 12, arbitrary: fc.constant('well' as const) },
  { weight: 1, arbitrary: fc.constantFrom('fails' as const, 'applied-unanswered' as const, 'unanswered' as const) },
);

export const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  { weight: 20, arbitrary: fc.constant({ what: 'turn' } as const) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('absence' as const),
      of: absentees,
      turns: fc.integer({ min: 1, max: 30 }),
    }),
  },
  { weight: 20, arbitrary: fc.record({ what: agents, luck }) },
  {
    weight: 6,
    arbitrary: fc.record({ what: fc.constantFrom('controller' as const, 'start' as const, 'end' as const) }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      what: fc.constant('hear' as const),
      who: actors,
      age: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(4) }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('kill' as const), who: actors }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('stop' as const), who: agents }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('away' as const), isAway: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('arrive' as const) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 60_000 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constantFrom('break' as const, 'sweep' as const, 'cancel' as const, 'deleteTarget' as const),
    }),
  },
);

/** Those that end a pod or a node for good, apart: a history with one of them in it says little about all others. */
export const anyDisaster: fc.Arbitrary<Event> = fc.record({
  what: fc.constantFrom('deleteSource' as const, 'sourceNodeDies' as const, 'targetNodeDies' as const),
});

const arrive = (world: World): void => {
  for (const { base, status } of world.record.underway.splice(0)) swap(world, base, status);
};

const kill = (world: World, who: 'source' | 'target' | 'controller'): void => {
  if (who === 'source') killSourceAgent(world);
  else if (who === 'target') killTargetAgent(world);
  else killController(world);
};

const stop = (world: World, who: 'source' | 'target'): void => {
  const { memory } = world;
  if (who === 'source' && memory.source) memory.source = { ...memory.source, isStopping: true };
  if (who === 'target')
    for (const [uid, visit] of memory.targets) memory.targets.set(uid, { ...visit, isStopping: true });
};

const strike = (world: World, what: Event['what']): void => {
  world.isStruck ||= what === 'deleteTarget' || what === 'targetNodeDies';
  if (what === 'break') for (const connection of world.connections) connection.isOpen = false;
  if (what === 'cancel') changeSpec(world, { cancel: true });
  if (what === 'deleteTarget') for (const place of world.targets) place.exists = false;
  if (what === 'deleteSource') Object.assign(world.source, { state: 'gone', exists: false });
  if (what === 'sourceNodeDies') {
    killSourceAgent(world);
    Object.assign(world.source, { state: 'gone', exists: false, journal: undefined, mark: false });
    Object.assign(world.source, { isDiverted: false, isLocked: false, image: false });
    world.nodeIsGone.source = true;
  }
  if (what === 'targetNodeDies') {
    killTargetAgent(world);
    for (const place of world.targets)
      Object.assign(place, {
        tree: 'none',
        waits: false,
        journal: false,
        stands: false,
        image: false,
        isDiverted: false,
      });
    world.nodeIsGone.target = true;
  }
};

const turn: readonly Event[] = [
  { what: 'hear', who: 'controller', age: 0 },
  { what: 'controller' },
  { what: 'start' },
  { what: 'hear', who: 'source', age: 0 },
  { what: 'source', luck: 'well' },
  { what: 'hear', who: 'target', age: 0 },
  { what: 'target', luck: 'well' },
  { what: 'wait', ms: 300 },
];

const actorOf = (event: Event): string => (event.what === 'hear' ? event.who : event.what);

const happenWithout = (world: World, event: Event, minds: Minds, absent: string): void => {
  const newest = world.targets.at(-1);
  if (event.what !== 'target' || absent !== 'olderTargets') happen(world, event, minds);
  else if (newest) actAsTarget(world, newest, event.luck, minds.target);
};

export const happen = (world: World, event: Event, minds: Minds): void => {
  switch (event.what) {
    case 'turn':
      for (const one of turn) happen(world, one, minds);
      break;
    case 'absence':
      for (let count = 0; count < event.turns; count += 1)
        for (const one of turn) if (actorOf(one) !== event.of) happenWithout(world, one, minds, event.of);
      break;
    case 'source':
      actAsSource(world, event.luck, minds.source);
      break;
    case 'target':
      for (const place of world.targets) actAsTarget(world, place, event.luck, minds.target);
      break;
    case 'controller':
      actAsController(world, minds.controller);
      break;
    case 'start':
      startContainers(world);
      break;
    case 'end':
      endContainers(world);
      break;
    case 'sweep':
      sweep(world);
      break;
    case 'hear':
      world.memory.heard[event.who] = world.record.states.at(-1 - event.age) ?? latest(world);
      break;
    case 'kill':
      kill(world, event.who);
      break;
    case 'stop':
      stop(world, event.who);
      break;
    case 'arrive':
      arrive(world);
      break;
    case 'away':
      world.record.isAway = event.isAway;
      break;
    case 'wait':
      world.now += event.ms;
      break;
    default:
      strike(world, event.what);
  }
};

const mostTurns = 400;

/** From now on nothing goes wrong, and everybody gets his turn until `isSettled`, or for long enough. */
export const calm = (world: World, minds: Minds, isSettled: () => boolean): void => {
  happen(world, { what: 'away', isAway: false }, minds);
  happen(world, { what: 'arrive' }, minds);
  for (let count = 0; count < mostTurns && !isSettled(); count += 1) {
    happen(world, { what: 'turn' }, minds);
    happen(world, { what: 'end' }, minds);
    happen(world, { what: 'sweep' }, minds);
    world.now += 3_000;
  }
};
