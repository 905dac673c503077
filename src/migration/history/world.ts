import { type Migration, type MigrationStatus, phaseOf } from '../../api/migration.ts';
import { isCommitted } from '../../api/phase.ts';
import type { SourceFacts } from '../source/decide.ts';
import { migrationWith, source } from '../move-fixture.ts';
import type { StatusFields } from '../status.ts';
import type { TargetFacts } from '../target/decide.ts';

/*
 * For tests: one move as everything that a crash leaves and takes. What stands
 * in `memory` goes with its process; everything else is the API server's or the
 * kernels', and stays.
 */

/** A write that the API server has not answered: it may still be carried out. */
interface Underway {
  readonly base: string;
  readonly status: StatusFields;
}

export interface Record {
  /** Every state that the record has had; watches may still tell of any of them. */
  readonly states: Migration[];
  readonly underway: Underway[];
  isAway: boolean;
}

/** One target pod and what its node holds of it. */
export interface TargetPlace {
  readonly uid: string;
  readonly name: string;
  /** The object in the API server. */
  exists: boolean;
  /** The kubelet has started it: its container waits at the rendezvous. */
  waits: boolean;
  tree: 'none' | 'held' | 'runs';
  /** Its container has been started anew after a crash: a cold start. */
  isCold: boolean;
  journal: boolean;
  stands: boolean;
  isDiverted: boolean;
  image: boolean;
}

export interface SourcePlace {
  state: 'runs' | 'frozen' | 'fenced' | 'gone';
  /** The pod in the API server. */
  exists: boolean;
  journal: number | undefined;
  mark: boolean;
  isDiverted: boolean;
  /** Nobody is let in any more. */
  isShut: boolean;
  isLocked: boolean;
  image: boolean;
}

type Word = 'frozen' | 'image' | 'held' | 'committed' | 'failed';

/** A connection between the agents; it ends with either of them, and what is on its way ends with it. */
export interface Connection {
  readonly podUID: string;
  isOpen: boolean;
  readonly toTarget: Set<Word>;
  readonly toSource: Set<Word>;
}

export interface SourceMemory extends SourceFacts {
  readonly connection: Connection | undefined;
  readonly isTargetWaiting: boolean;
}

export interface TargetMemory extends TargetFacts {
  readonly connection: Connection | undefined;
}

/** What the parts of the world keep to by themselves. */
export interface Laws {
  /** The API server refuses a patch of a state that has passed. */
  readonly comparesAndSwaps: boolean;
  /** The guard of a frozen source leaves it frozen when a commit may be under way. */
  readonly guardHeedsMark: boolean;
  /** What an agent may leave standing, it has noted down before. */
  readonly journals: boolean;
}

const allLaws: Laws = { comparesAndSwaps: true, guardHeedsMark: true, journals: true };

export interface World {
  readonly laws: Laws;
  now: number;
  readonly record: Record;
  readonly source: SourcePlace;
  readonly targets: TargetPlace[];
  hasLease: boolean;
  /** The pod of a move that failed after its object was removed has been made again, and runs. */
  isAnew: boolean;
  /** Somebody has ended the source from outside. */
  isEnded: boolean;
  /** Somebody has ended a target from outside. */
  isStruck: boolean;
  nodeIsGone: { source: boolean; target: boolean };
  /** UIDs of the targets whose node has been decommissioned. Each attempt has its target on a node of its own. */
  readonly onDecommissioned: Set<string>;
  readonly memory: {
    source: SourceMemory | undefined;
    /** What the watch of each actor has told last. */
    readonly heard: { source: Migration; target: Migration; controller: Migration };
    readonly targets: Map<string, TargetMemory>;
  };
  readonly connections: Connection[];
}

export const latest = ({ record }: World): Migration => record.states.at(-1)!;

export const hasCommitted = (world: World): boolean => isCommitted(phaseOf(latest(world)));

const withoutNulls = (status: StatusFields): MigrationStatus =>
  Object.fromEntries(Object.entries(status).filter(([, value]) => value !== null)) as MigrationStatus;

/** A merge patch of the status with a resourceVersion: false is a conflict. */
export const swap = (world: World, base: string, status: StatusFields): boolean => {
  const before = latest(world);
  const { resourceVersion: current } = before.metadata;
  if (current !== base && world.laws.comparesAndSwaps) return false;
  const resourceVersion = String(Number(current) + 1);
  world.record.states.push({
    ...before,
    metadata: { ...before.metadata, resourceVersion },
    status: withoutNulls({ ...before.status, phase: phaseOf(before), ...status }),
  });
  return true;
};

export const changeSpec = (world: World, spec: Partial<Migration['spec']>): void => {
  const before = latest(world);
  const resourceVersion = String(Number(before.metadata.resourceVersion) + 1);
  world.record.states.push({
    ...before,
    metadata: { ...before.metadata, resourceVersion },
    spec: { ...before.spec, ...spec },
  });
};

export const placeOf = (world: World, uid: string): TargetPlace | undefined =>
  world.targets.find((place) => place.uid === uid);

/** How a move begins: how often it may be tried again, and whether its target is to have the name of its source. */
export interface Kind {
  readonly retries: number;
  readonly keepsName: boolean;
}

/** A Migration that has just been accepted, of a pod that runs. */
export const beginning = (now: number, { retries, keepsName }: Kind, laws: Partial<Laws> = {}): World => {
  const record = migrationWith(
    {
      ...{ phase: 'Inspecting', terms: { retries, maxFreezeSeconds: 10 }, attempt: 1 },
      source: keepsName ? { ...source, keepsName } : source,
      phaseTransitions: [{ phase: 'Inspecting', time: new Date(now).toISOString() }],
    },
    { deadlineSeconds: 3_600 },
  );
  return {
    laws: { ...allLaws, ...laws },
    now,
    record: { states: [record], underway: [], isAway: false },
    source: {
      state: 'runs',
      exists: true,
      journal: undefined,
      mark: false,
      isDiverted: false,
      isShut: false,
      isLocked: false,
      image: false,
    },
    targets: [],
    hasLease: false,
    isAnew: false,
    isEnded: false,
    isStruck: false,
    nodeIsGone: { source: false, target: false },
    onDecommissioned: new Set(),
    memory: {
      source: undefined,
      heard: { source: record, target: record, controller: record },
      targets: new Map(),
    },
    connections: [],
  };
};
