import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Migration, phaseOf } from '../../api/migration.ts';
import { migrateAnnotation, withdrawnAnnotation } from '../../api/names.ts';
import { isFinished, type Phase } from '../../api/phase.ts';
import type { Node, Pod } from '../../api/pod.ts';
import { decommissioned, migrationWith, nodeWith, now as start } from '../move-fixture.ts';
import { isMoveOf } from '../move-of.ts';
import { movablePod, onNode, ordinaryPod, ownedBy } from './emptying-fixture.ts';
import { afterAttempt, type Attempts, attemptsAmong, dueEvictions } from './evictions.ts';
import type { EmptyingFacts } from './facts.ts';
import { fatesOf } from './fate.ts';
import { decideMoves, type MoveStep } from './moves.ts';
import { reportOf } from './report.ts';

/** A node as it lives on while it is emptied: pods that end, moves that succeed or fail, budgets that refuse for a while. */
interface Inhabitant {
  pod: Pod;
  readonly kind: Kind;
  readonly doesMoveFail: boolean;
  /** Passes that its move takes yet. */
  toGo: number;
  /** Evictions that are refused before one is not. */
  refusals: number;
  readonly onFailure: 'Evict' | 'Block';
}

const kinds = ['movable', 'unmovable', 'ordinary', 'daemon', 'tolerant', 'finished', 'ours'] as const;
type Kind = (typeof kinds)[number];

const podOf = (kind: Kind, name: string): Pod => {
  const pods: Record<Kind, () => Pod> = {
    movable: () => movablePod(name),
    unmovable: () => movablePod(name, { spec: { hostNetwork: true } }),
    ordinary: () => ordinaryPod(name),
    daemon: () => ordinaryPod(name, { metadata: ownedBy('DaemonSet') }),
    tolerant: () => ordinaryPod(name, { spec: { tolerations: [{ operator: 'Exists' }] } }),
    finished: () => ordinaryPod(name, { status: { phase: 'Succeeded' } }),
    ours: () => ordinaryPod(name, { metadata: { namespace: 'transship-system' } }),
  };
  return pods[kind]();
};

const anyInhabitants: fc.Arbitrary<Inhabitant[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom(...kinds),
      doesMoveFail: fc.boolean(),
      toGo: fc.nat(12),
      refusals: fc.nat(3),
      onFailure: fc.constantFrom('Evict' as const, 'Block' as const),
    }),
    { maxLength: 16 },
  )
  .map((all) => all.map((each, index) => ({ ...each, pod: podOf(each.kind, `pod-${index}`) })));

/** Whether the node has its taint, one pass after the other; from then on it has. */
const anyTaints = fc.array(fc.boolean(), { maxLength: 12 });

interface World {
  now: number;
  node: Node;
  inhabitants: Inhabitant[];
  migrations: Migration[];
  attempts: Attempts;
}

const factsOf = ({ node, inhabitants, migrations }: World): EmptyingFacts => ({
  node,
  pods: inhabitants.map(({ pod, onFailure }) => onNode(pod, { onFailure, blockSeconds: 60 })),
  migrations,
});

const inPhase = (migration: Migration, phase: Phase, at: number): Migration => ({
  ...migration,
  status: { phase, phaseTransitions: [{ phase, time: new Date(at).toISOString() }] },
});

const take = (world: World, step: MoveStep): void => {
  if (step.do === 'withdraw') {
    const { migration } = step;
    const annotations = { [withdrawnAnnotation]: 'true' };
    const taken = {
      ...migration,
      metadata: { ...migration.metadata, annotations },
      spec: { ...migration.spec, cancel: true },
    };
    world.migrations = world.migrations.map((each) => (each === migration ? taken : each));
    return;
  }
  const { pod, cause, instead } = step;
  world.migrations = world.migrations.filter((each) => each !== instead);
  const { name, uid } = pod.metadata;
  world.migrations.push(migrationWith(undefined, { podName: name, podUID: uid, trigger: cause }, { name }));
};

const evict = (world: World, evicted: Pod): void => {
  const inhabitant = world.inhabitants.find(({ pod }) => pod === evicted)!;
  const isRefused = inhabitant.refusals > 0;
  world.attempts = afterAttempt(world.attempts, evicted, world.now, isRefused ? 'the budget says no' : undefined);
  if (isRefused) inhabitant.refusals -= 1;
  else inhabitant.pod = { ...evicted, metadata: { ...evicted.metadata, deletionTimestamp: 'x' } };
};

/** What happens by itself between two passes. */
const goOn = (world: World): void => {
  world.now += 5_000;
  world.inhabitants = world.inhabitants.filter(({ pod }) => pod.metadata.deletionTimestamp === undefined);
  world.migrations = world.migrations.map((migration) => {
    const inhabitant = world.inhabitants.find(({ pod }) => isMoveOf(pod)(migration));
    if (isFinished(phaseOf(migration)) || !inhabitant) return migration;
    if (migration.spec.cancel) return inPhase(migration, 'Cancelled', world.now);
    inhabitant.toGo -= 1;
    if (inhabitant.toGo > 0) return inPhase(migration, 'Moving', world.now);
    return inPhase(migration, inhabitant.doesMoveFail ? 'Failed' : 'Succeeded', world.now);
  });
  const hasMoved = ({ pod }: Inhabitant): boolean =>
    world.migrations.some((migration) => isMoveOf(pod)(migration) && phaseOf(migration) === 'Succeeded');
  world.inhabitants = world.inhabitants.filter((each) => !hasMoved(each));
};

const staysForGood = ({ kind }: Inhabitant): boolean => kind === 'daemon' || kind === 'tolerant';
const isOpen = (migration: Migration): boolean => !isFinished(phaseOf(migration));

/** What must hold of every pass. A sentence for each promise that is broken. */
const brokenBy = (world: World, moves: readonly MoveStep[], evicted: readonly Pod[]): string[] => {
  const started = moves.flatMap((step) => (step.do === 'move' ? [step.pod] : []));
  const movesOf = (pod: Pod): Migration[] => world.migrations.filter(isMoveOf(pod));
  const hasTried = (pod: Pod): boolean => movesOf(pod).some(({ metadata }) => metadata.annotations === undefined);
  const who = (pod: Pod): Inhabitant => world.inhabitants.find((each) => each.pod === pod)!;
  const others = world.inhabitants.filter((each) => !staysForGood(each) && each.kind !== 'ours');
  const promises: readonly (readonly [boolean, string])[] = [
    [evicted.every((pod) => !started.includes(pod)), 'a pod is moved and evicted at once'],
    [evicted.every((pod) => !staysForGood(who(pod))), 'a pod is evicted that stays'],
    [evicted.every((pod) => !movesOf(pod).some(isOpen)), 'a pod is evicted that a Migration moves'],
    [evicted.every((pod) => who(pod).kind !== 'movable' || hasTried(pod)), 'a pod is evicted that could be moved'],
    [evicted.every((pod) => who(pod).kind !== 'ours' || others.length === 0), 'Transship is evicted before others'],
    [evicted.filter((pod) => who(pod).kind === 'ours').length <= 1, "two of Transship's pods are evicted at once"],
    [evicted.length <= 10, 'more than ten pods are evicted at once'],
    [
      started.every(({ metadata }) => metadata.annotations?.[migrateAnnotation] === 'true'),
      'a pod moves that did not opt in',
    ],
  ];
  return promises.filter(([kept]) => !kept).map(([, sentence]) => sentence);
};

interface Written {
  readonly status: { readonly conditions: readonly [{ readonly status: string }] };
}

/** The status of the condition as it would be written over none. */
const conditionOf = (world: World): string | undefined => {
  const report = reportOf(world.node, fatesOf(factsOf(world), world.now), world);
  return (report?.patch as Written | undefined)?.status.conditions[0].status;
};

const wantedCondition = ({ node, inhabitants }: World): string | undefined => {
  if (node.spec?.taints === undefined) return undefined;
  return inhabitants.every(staysForGood) ? 'True' : 'False';
};

const ofWorld = (world: World, begun: number): string[] => {
  const [is, wanted] = [conditionOf(world) ?? 'away', wantedCondition(world) ?? 'away'];
  return [
    ...(is === wanted ? [] : [`the condition is ${is}, not ${wanted}`]),
    ...(wanted === 'away' && begun > 0 ? ['a node is emptied that is in use'] : []),
  ];
};

/** @returns every promise that was broken. */
const pass = (world: World): string[] => {
  const facts = factsOf(world);
  const moves = decideMoves(facts);
  const fated = fatesOf(facts, world.now);
  world.attempts = attemptsAmong(fated, world.attempts, world.now);
  const evicted = dueEvictions(fated, world.attempts, world.now);
  const begun = evicted.length + moves.filter((step) => step.do === 'move').length;
  const broken = [...brokenBy(world, moves, evicted), ...ofWorld(world, begun)];
  for (const step of moves) take(world, step);
  for (const pod of evicted) evict(world, pod);
  goOn(world);
  return broken;
};

const mostPasses = 200;

describe('whatever lives on a node and however often its taint comes and goes', () => {
  it('no pod is ended that could move, and in the end the node is empty and says so', () => {
    let withdrawals = 0;
    fc.assert(
      fc.property(anyInhabitants, anyTaints, (inhabitants, taints) => {
        const world: World = {
          ...{ now: start, node: nodeWith('n1'), migrations: [], attempts: new Map() },
          inhabitants: inhabitants.map((each) => ({ ...each })),
        };
        const broken: string[] = [];
        for (const isTainted of taints) {
          world.node = nodeWith('n1', isTainted ? decommissioned : {});
          broken.push(...pass(world));
          withdrawals += world.migrations.filter(({ metadata }) => metadata.annotations !== undefined).length;
        }
        world.node = nodeWith('n1', decommissioned);
        for (let count = 0; count < mostPasses && conditionOf(world) !== 'True'; count += 1)
          broken.push(...pass(world));
        expect([...new Set(broken), conditionOf(world)]).toEqual(['True']);
        expect(world.inhabitants.every(staysForGood)).toBe(true);
      }),
      { numRuns: 500 },
    );
    // The model is worth something only if moves are taken back in it.
    expect(withdrawals).toBeGreaterThan(0);
  });
});
