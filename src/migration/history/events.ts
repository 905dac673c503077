import fc from 'fast-check';
import { isRemoved } from '../namesake/removal.ts';
import type { SourceRules } from '../source/decide.ts';
import type { TargetRules } from '../target/decide.ts';
import { actAsController, type Controller, killController, sweep } from './controller-actor.ts';
import { actAsSource, killSourceAgent, type Luck } from './source-actor.ts';
import { actAsTarget, endContainers, killTargetAgent, startContainers } from './target-actor.ts';
import { changeSpec, hasCommitted, type Laws, latest, swap, type World } from './world.ts';

type Blow =
  'break' | 'cancel' | 'decommissionTargetNode' | 'deleteTarget' | 'deleteSource' | 'sourceNodeDies' | 'targetNodeDies';

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
  | { readonly what: Blow }
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

/** Those that end a pod or a node for good, or are to, apart: a history with one of them in it says little about all others. */
export const anyDisaster: fc.Arbitrary<Event> = fc.record({
  what: fc.constantFrom('deleteSource', 'sourceNodeDies', 'targetNodeDies', 'decommissionTargetNode'),
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

const blows: { readonly [B in Blow]: (world: World) => void } = {
  break: (world) => {
    for (const connection of world.connections) connection.isOpen = false;
  },
  // After the commit, and after the removal of the source, the API server refuses it (the CRD's rules on spec.cancel).
  cancel: (world) => {
    if (hasCommitted(world) || isRemoved(latest(world))) return;
    changeSpec(world, { cancel: true });
  },
  decommissionTargetNode: (world) => {
    for (const { uid } of world.targets) world.onDecommissioned.add(uid);
  },
  deleteTarget: (world) => {
    world.isStruck = true;
    for (const place of world.targets) place.exists = false;
  },
  deleteSource: (world) => {
    world.isEnded = world.source.exists;
    Object.assign(world.source, { state: 'gone', exists: false });
  },
  sourceNodeDies: (world) => {
    killSourceAgent(world);
    world.isEnded = world.source.exists;
    Object.assign(world.source, { state: 'gone', exists: false, journal: undefined, mark: false });
    Object.assign(world.source, { isDiverted: false, isShut: false, isLocked: false, image: false });
    world.nodeIsGone.source = true;
  },
  targetNodeDies: (world) => {
    world.isStruck = true;
    killTargetAgent(world);
    const nothing = { tree: 'none', waits: false, journal: false, stands: false, image: false, isDiverted: false };
    for (const place of world.targets) Object.assign(place, nothing);
    world.nodeIsGone.target = true;
  },
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

const happenWithout = (world: World, event: Event, minds: Minds, absent: string | undefined): void => {
  const newest = world.targets.at(-1);
  if (event.what !== 'target' || absent !== 'olderTargets') happen(world, event, minds);
  else if (newest) actAsTarget(world, newest, event.luck, minds.target);
};

type EventOf<W extends Event['what']> = Event extends infer E
  ? E extends { readonly what: Event['what'] }
    ? W extends E['what']
      ? E
      : never
    : never
  : never;

type Happening<W extends Event['what']> = (world: World, event: EventOf<W>, minds: Minds) => void;

const takeTurn = (world: World, minds: Minds, absent?: string): void => {
  for (const one of turn) if (actorOf(one) !== absent) happenWithout(world, one, minds, absent);
};

const happenings: { readonly [W in Exclude<Event['what'], Blow>]: Happening<W> } = {
  turn: (world, _event, minds) => {
    takeTurn(world, minds);
  },
  absence: (world, event, minds) => {
    for (let count = 0; count < event.turns; count += 1) takeTurn(world, minds, event.of);
  },
  source: (world, event, minds) => {
    actAsSource(world, event.luck, minds.source);
  },
  target: (world, event, minds) => {
    for (const place of world.targets) actAsTarget(world, place, event.luck, minds.target);
  },
  controller: (world, _event, minds) => {
    actAsController(world, minds.controller);
  },
  start: startContainers,
  end: endContainers,
  sweep,
  hear: (world, event) => {
    world.memory.heard[event.who] = world.record.states.at(-1 - event.age) ?? latest(world);
  },
  kill: (world, event) => {
    kill(world, event.who);
  },
  stop: (world, event) => {
    stop(world, event.who);
  },
  arrive,
  away: (world, event) => {
    world.record.isAway = event.isAway;
  },
  wait: (world, event) => {
    world.now += event.ms;
  },
};

export const happen = (world: World, event: Event, minds: Minds): void => {
  const one = { ...blows, ...happenings }[event.what] as Happening<Event['what']>;
  one(world, event, minds);
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
