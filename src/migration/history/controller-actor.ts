import { type Migration, phaseOf } from '../../api/migration.ts';
import type { Node, Pod } from '../../api/pod.ts';
import { decide } from '../decide.ts';
import type { Facts } from '../facts.ts';
import { isOfNamesakes } from '../namesake/kind.ts';
import { bare } from '../namesake/namesake-fixture.ts';
import {
  decommissioned,
  factsWith,
  leaseWith,
  nodeWith,
  podWith,
  sourceUID,
  target,
  targetWith,
} from '../move-fixture.ts';
import { phaseSince } from '../status.ts';
import type { Step } from '../step.ts';
import { targetLabelValue } from '../target-pod/target-name.ts';
import { hasCommitted, latest, swap, type TargetPlace, type World } from './world.ts';

const containerOf = (place: TargetPlace): object[] => {
  const isUp = place.tree !== 'none' || place.isCold;
  const containerID = `docker://${place.isCold ? 'another' : (target.containers[0]?.id ?? '')}`;
  return isUp
    ? [
        {
          name: 'web',
          image: '',
          imageID: '',
          containerID,
          ready: true,
          restartCount: place.isCold ? 1 : 0,
          state: { running: {} },
        },
      ]
    : [];
};

const podOf = (place: TargetPlace, world: World): Pod =>
  targetWith({
    metadata: {
      name: place.name,
      uid: place.uid,
      labels: { 'transship.dev/target': targetLabelValue(latest(world)) },
    },
    status: { containerStatuses: containerOf(place) },
  });

const nodeOf = (place: TargetPlace | undefined, world: World): Node | undefined => {
  if (world.nodeIsGone.target) return undefined;
  return nodeWith('n2', place && world.onDecommissioned.has(place.uid) ? decommissioned : {});
};

const anew: Pod = { ...bare, metadata: { ...bare.metadata, uid: 'anew' } };

/** Who has the names of source and target; they may be one. */
const podsOf = (world: World, place: TargetPlace | undefined): Pick<Facts, 'source' | 'target'> => {
  const target = world.isAnew ? anew : place && podOf(place, world);
  const keepsName = isOfNamesakes(latest(world));
  if (world.source.exists) return { source: keepsName ? bare : podWith(), target };
  return { source: keepsName ? target : undefined, target };
};

const factsOf = (world: World, migration: Migration): Facts => {
  const name = migration.status?.target?.podName;
  const place = world.targets.find((candidate) => candidate.exists && candidate.name === name);
  return factsWith({
    migration,
    seenForMs: world.now - phaseSince(migration),
    removedForMs: world.now - (Date.parse(migration.status?.removal?.time ?? '') || world.now),
    ...podsOf(world, place),
    sourceNodeIsGone: world.nodeIsGone.source,
    targetNode: nodeOf(place, world),
    lease: world.hasLease ? leaseWith({}, { 'transship.dev/migration': migration.metadata.uid }) : undefined,
  });
};

const makeTarget = (world: World, name: string): void => {
  // Under one name there may be one after the other.
  const earlier = isOfNamesakes(latest(world)) ? world.targets.filter(({ exists }) => !exists).length : 0;
  const uid = `${name}-uid${earlier === 0 ? '' : earlier}`;
  if (world.targets.some((place) => place.uid === uid)) return;
  world.targets.push({
    ...{ uid, name, exists: true, waits: false, tree: 'none', isCold: false },
    ...{ journal: false, stands: false, isDiverted: false, image: false },
  });
};

const deletePod = (world: World, uid: string): void => {
  if (uid === sourceUID) {
    world.source.exists = false;
    // The kubelet's signals to the processes of a namesake's source are held.
    if (!isOfNamesakes(latest(world))) world.source.state = 'gone';
  }
  for (const place of world.targets) if (place.uid === uid) place.exists = false;
};

/** The controller's steps, as far as this model has what they change. False ends the round, as a failed step does. */
const perform = (world: World, step: Step): boolean => {
  switch (step.do) {
    case 'writeStatus':
      return swap(world, step.patch.metadata.resourceVersion, step.patch.status);
    case 'createTarget':
      makeTarget(world, step.pod.metadata.name);
      return true;
    case 'deletePod':
      deletePod(world, step.pod.uid);
      return true;
    case 'createAnew':
      world.isAnew = true;
      return true;
    case 'createLease':
      world.hasLease = true;
      return true;
    case 'deleteLease':
      world.hasLease = false;
      return true;
    default:
      return true;
  }
};

export type Controller = (facts: Facts, now: number) => Step[];

/** One round of the controller, from what its watch has told it last; as in the product, all else is read anew. */
export const actAsController = (world: World, controller: Controller = decide): void => {
  if (world.record.isAway) return;
  const facts = factsOf(world, world.memory.heard.controller);
  const steps = controller(facts, world.now);
  const isRehearsed = steps.some((step) => step.do === 'rehearseTarget');
  for (const step of isRehearsed ? controller({ ...facts, created: { rehearsed: true } }, world.now) : steps)
    if (!perform(world, step)) return;
};

/** The next controller begins from what the API server has. */
export const killController = (world: World): void => {
  world.memory.heard.controller = latest(world);
};

/** The sweeper of the controller: targets that no attempt names. */
export const sweep = (world: World): void => {
  const named = latest(world).status?.target?.podName;
  for (const place of world.targets)
    if (!hasCommitted(world) && place.name !== named && phaseOf(latest(world)) !== 'Preparing') place.exists = false;
};
