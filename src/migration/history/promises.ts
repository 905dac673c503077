import { type Migration, phaseOf } from '../../api/migration.ts';
import { askedBack } from '../taking-back/asked-back.ts';
import { isOfNamesakes } from '../namesake/kind.ts';
import { isOver } from '../status.ts';
import { hasCommitted, latest, placeOf, type TargetPlace, type World } from './world.ts';

/** What must hold at every instant. A sentence for each promise that is broken. */
export const brokenNow = (world: World): readonly string[] => {
  const running = world.targets.filter(({ tree, isCold }) => tree === 'runs' || isCold).length;
  const sourceRuns = world.source.state === 'runs';
  const promises: readonly (readonly [boolean, string])[] = [
    [!(sourceRuns && running > 0), 'source and target run at once'],
    [running <= 1, 'two targets run at once'],
    [running === 0 || hasCommitted(world), 'a target runs before the commit'],
    [!(sourceRuns && hasCommitted(world)), 'the source runs after the commit'],
    [world.targets.filter(({ exists }) => exists).length <= 1, 'two target pods have one address'],
    [!hasCommitted(world) || askedBack(latest(world)) === undefined, 'a move commits although it was asked back'],
    [world.source.exists || world.source.state === 'gone' || isOfNamesakes(latest(world)), 'a source without its pod'],
    [!world.isAnew || (world.source.state === 'gone' && running === 0), 'a pod that was made anew runs beside another'],
    [!world.isAnew || !hasCommitted(world), 'a pod was made anew although its move committed'],
  ];
  return promises.filter(([kept]) => !kept).map(([, sentence]) => sentence);
};

const leftOnSource = ({ source }: World): readonly string[] =>
  [
    source.journal !== undefined && 'a journal of the source',
    source.mark && 'the mark of a commit in doubt',
    source.isDiverted && 'a route of the source',
    source.isShut && 'a table that shuts out who comes to the source',
    source.isLocked && "CRIU's lock on the network of the source",
    source.image && 'an image of the source',
  ].filter((left) => left !== false);

const leftOfAgent = (place: TargetPlace): readonly (string | false)[] => [
  place.journal && 'a journal of a target',
  place.stands && 'a packet hold',
  place.image && 'an image of a target',
  place.isDiverted && 'a route of a target',
  place.tree === 'held' && 'a held tree',
];

const leftOfPod = (place: TargetPlace): readonly (string | false)[] => [
  place.exists && 'a target pod of an attempt that was taken back',
  place.tree !== 'none' && 'processes of an attempt that was taken back',
];

const leftOnTarget = (world: World): readonly string[] =>
  world.targets
    .flatMap((place) => {
      const isTarget = hasCommitted(world) && latest(world).status?.target?.podUID === place.uid;
      return [...leftOfAgent(place), ...(isTarget ? [] : leftOfPod(place))];
    })
    .filter((left) => left !== false);

const endOfTheRest = (world: World): readonly string[] => {
  const record = latest(world);
  if (!isOver(record)) return [`the move is not over: it is ${phaseOf(record)}`];
  if (hasCommitted(world)) return endOfCommitted(world);
  const { state, exists } = world.source;
  const isAsBefore = exists ? state === 'runs' : state === 'gone';
  return [
    ...(isOfNamesakes(record) && !exists && !world.isAnew && !world.isEnded
      ? ['a pod whose object was removed for a move that failed was not made anew']
      : []),
    ...(isAsBefore ? [] : [`the source is ${state} although the move did not commit`]),
    ...(world.hasLease ? ['the lease of a move that did not come to be'] : []),
  ];
};

const wasSeen = ({ status }: Migration): boolean => status?.target?.releaseTime !== undefined;

/** The target that the record names. */
const chosen = (world: World): TargetPlace | undefined => placeOf(world, latest(world).status?.target?.podUID ?? '');

/** Has the pod come through, as it must unless something has ended the target? */
const isWhole = (world: World): boolean =>
  world.isStruck || (phaseOf(latest(world)) === 'Succeeded' && chosen(world)?.tree === 'runs');

const endOfCommitted = (world: World): readonly string[] => {
  const record = latest(world);
  const place = chosen(world);
  const isSuccess = phaseOf(record) === 'Succeeded';
  return [
    world.source.exists && 'the source pod is still there after the move',
    // A target that ends after it was reported is an ordinary pod that ends.
    isSuccess && !wasSeen(record) && 'a success that nobody has seen',
    !isWhole(world) && `nobody has ended the target, and the move is ${phaseOf(record)}`,
    ...(place?.exists && !world.nodeIsGone.target ? endOfLiving(place, isSuccess) : []),
  ].filter((broken) => broken !== false);
};

const endOfLiving = ({ tree, isCold }: TargetPlace, isSuccess: boolean): readonly (string | false)[] => [
  tree !== 'runs' && !isCold && 'the target does not run although the move committed',
  tree === 'runs' && !isSuccess && 'a move that succeeded is reported as lost',
];

/** What must hold when everybody has had his turn for long enough. */
export const brokenInTheEnd = (world: World): readonly string[] => [
  ...endOfTheRest(world),
  ...(world.nodeIsGone.source ? [] : leftOnSource(world)),
  ...(world.nodeIsGone.target ? [] : leftOnTarget(world)),
];
