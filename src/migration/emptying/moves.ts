import type { MigrationPolicySpec } from '../../api/migration-policy.ts';
import { type Migration, migrationNameOf, phaseOf } from '../../api/migration.ts';
import { isCommitted, isFinished } from '../../api/phase.ts';
import type { Pod } from '../../api/pod.ts';
import { isMoveOf } from '../move-of.ts';
import { isWithdrawn } from '../taking-back/withdrawal.ts';
import { type Cause, causeFor, causesOf, isCause } from './causes.ts';
import { type EmptyingFacts, movablePolicy } from './facts.ts';

/** A pod that is to leave the node by a move. */
interface Wanted {
  readonly pod: Pod;
  readonly policy: MigrationPolicySpec;
  readonly cause: Cause;
}

export type MoveStep =
  /** Creates the Migration of the pod; `instead` is one of its name that has to go first. */
  | ({ readonly do: 'move'; readonly instead?: Migration } & Wanted)
  /** Takes back what the node itself had asked for. */
  | { readonly do: 'withdraw'; readonly migration: Migration };

/** Those that can be moved, where their policies say so. */
const wantedMoves = ({ node, pods }: EmptyingFacts): readonly Wanted[] => {
  const causes = causesOf(node);
  return pods.flatMap((each) => {
    const policy = movablePolicy(each);
    const cause = policy && causeFor(policy, causes);
    return cause ? [{ pod: each.pod, policy, cause }] : [];
  });
};

/** Each pod is moved once: what has failed, or was cancelled by a person, is for a person to try again. */
const startOf = (wanted: Wanted, migrations: readonly Migration[]): MoveStep[] => {
  const { pod } = wanted;
  const known = migrations.filter(isMoveOf(pod));
  if (known.some((migration) => !isWithdrawn(migration))) return [];
  const ours = migrationNameOf(pod.metadata.name, pod.metadata.uid);
  const instead = known.find(({ metadata }) => metadata.name === ours);
  return [{ do: 'move', ...wanted, ...(instead && { instead }) }];
};

const isOpen = (migration: Migration): boolean => {
  const phase = phaseOf(migration);
  return !isFinished(phase) && !isCommitted(phase) && migration.spec.cancel !== true;
};

/** Those that nothing asks for any more: not what had asked for them first, nor another cause in its place. */
const withdrawalsOf = ({ node, migrations }: EmptyingFacts, wanted: readonly Wanted[]): MoveStep[] => {
  const causes: readonly string[] = causesOf(node);
  return migrations
    .filter(({ spec }) => isCause(spec.trigger) && !causes.includes(spec.trigger))
    .filter((migration) => isOpen(migration) && !wanted.some(({ pod }) => isMoveOf(pod)(migration)))
    .map((migration) => ({ do: 'withdraw', migration }));
};

/**
 * A node that is cordoned or decommissioned is emptied of what can be moved;
 * when it is opened again, that is taken back as far as it can be.
 */
export const decideMoves = (facts: EmptyingFacts): readonly MoveStep[] => {
  const wanted = wantedMoves(facts);
  return [...withdrawalsOf(facts, wanted), ...wanted.flatMap((each) => startOf(each, facts.migrations))];
};
