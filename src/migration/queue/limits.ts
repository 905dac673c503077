import { type Migration, phaseOf } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import type { Facts } from '../facts.ts';
import { Line } from './line.ts';
import type { ChosenPolicy, PolicyChoice } from '../policy/policy.ts';
import type { Obstacle, Waiting, Way } from './queue.ts';
import { isUnderWay } from '../status.ts';

const keyOf = ({ metadata: { namespace = 'default', name } }: Migration): string => `${namespace}/${name}`;

const wayOf = ({ spec, status }: Migration): Way => ({
  from: status?.source?.nodeName,
  to: status?.target?.nodeName ?? spec.targetNodeName,
});

const inQueue = (migration: Migration, { spec: { nodeName: from } }: Pod, { spec }: ChosenPolicy): Waiting => ({
  key: keyOf(migration),
  since: Date.parse(migration.metadata.creationTimestamp ?? '') || 0,
  priority: spec.priority,
  limits: spec,
  from,
  to: migration.spec.targetNodeName,
});

/** Does it wait for nothing but its turn? One that is being taken back does not, nor one that will be refused. */
const isInLine = ({ metadata, spec }: Migration, pod: Pod): boolean =>
  spec.cancel !== true &&
  metadata.deletionTimestamp === undefined &&
  (spec.podUID === undefined || spec.podUID === pod.metadata.uid);

interface Known {
  readonly podOf: (migration: Migration) => Pod | undefined;
  readonly policyOf: (pod: Pod) => PolicyChoice;
}

/**
 * The places in the queue of those Migrations that wait for room. Not of one
 * whose pod another of them is moving: it waits for that one to end, and would
 * only take the place of others.
 */
export const queueOf = (migrations: readonly Migration[], { podOf, policyOf }: Known): readonly Waiting[] => {
  const moving = new Set(migrations.filter(isUnderWay).map(({ status }) => status?.source?.podUID));
  return migrations
    .filter((migration) => phaseOf(migration) === 'Pending')
    .flatMap((migration) => {
      const pod = podOf(migration);
      if (!pod || !isInLine(migration, pod) || moving.has(pod.metadata.uid)) return [];
      const policy = policyOf(pod);
      return 'conflict' in policy ? [] : [inQueue(migration, pod, policy)];
    });
};

/** The line in which those of these Migrations stand that wait. */
export const lineAmong = (migrations: readonly Migration[], known: Known, now: number): Line =>
  new Line({ waiting: queueOf(migrations, known), underWay: migrations.filter(isUnderWay).map(wayOf), now });

/** Whoever waits is told the very number only near the end: each change of it is a write for each that waits. */
const exactUpTo = 5;
const steps = [500, 200, 100, 50, 20, 10, exactUpTo];

const placeText = (before: number): string => {
  if (before === 0) return '';
  if (before === 1) return '; 1 move goes before it';
  const step = steps.find((each) => before > each);
  return `; ${step === undefined ? before : `more than ${step}`} moves go before it`;
};

const pluralOf = (count: number): string => (count === 1 ? '1 move is' : `${count} moves are`);

const obstacleText = ({ room, limit, underWay, before }: Obstacle): string => {
  const full = `${pluralOf(underWay)} under way ${room}, the limit is ${limit}`;
  const given = `the room ${room} is for those that go before it, the limit is ${limit}`;
  return (underWay >= limit ? full : given) + placeText(before);
};

/** Why the move has to wait, or undefined when it is its turn and there is room for it now. */
export const reasonToWait = (
  { migration, line }: Facts,
  { source, policy }: { readonly source: Pod; readonly policy: ChosenPolicy },
): string | undefined => {
  const obstacle = line.obstacleOf(inQueue(migration, source, policy));
  return obstacle && obstacleText(obstacle);
};
