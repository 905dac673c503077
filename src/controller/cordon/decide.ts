import { isCordoned } from '../../api/closed-node.ts';
import { type Migration, migrationNameOf, phaseOf } from '../../api/migration.ts';
import { cordonAnnotation } from '../../api/names.ts';
import { isCommitted, isFinished } from '../../api/phase.ts';
import type { Node } from '../../api/pod.ts';
import { isMoveOf } from '../../migration/move-of.ts';
import { isWithdrawn } from '../../migration/withdrawal.ts';
import type { CordonFacts, MovablePod } from './facts.ts';

export type CordonStep =
  /** Creates the Migration of the pod; `instead` is one of its name that has to go first. */
  | ({ readonly do: 'move'; readonly instead?: Migration } & MovablePod)
  /** Takes back what cordoning had started. */
  | { readonly do: 'withdraw'; readonly migration: Migration };

const isExempt = ({ metadata }: Node): boolean => metadata.annotations?.[cordonAnnotation] === 'false';

/** Each pod is moved once: what has failed, or was cancelled by a person, is for a person to try again. */
const startOf = ({ pod, policy }: MovablePod, migrations: readonly Migration[]): CordonStep[] => {
  const known = migrations.filter(isMoveOf(pod));
  if (known.some((migration) => !isWithdrawn(migration))) return [];
  const ours = migrationNameOf(pod.metadata.name, pod.metadata.uid);
  const instead = known.find(({ metadata }) => metadata.name === ours);
  return [{ do: 'move', pod, policy, ...(instead && { instead }) }];
};

const isOpen = (migration: Migration): boolean => {
  const phase = phaseOf(migration);
  return !isFinished(phase) && !isCommitted(phase) && migration.spec.cancel !== true;
};

const withdrawalsOf = (migrations: readonly Migration[]): CordonStep[] =>
  migrations
    .filter((migration) => migration.spec.trigger === 'Cordon' && isOpen(migration))
    .map((migration) => ({ do: 'withdraw', migration }));

/** Cordoning moves pods away, where their policies say so; uncordoning takes back what cordoning had started, as far as it can. */
export const decideCordon = ({ node, pods, migrations }: CordonFacts): readonly CordonStep[] => {
  if (!isCordoned(node)) return withdrawalsOf(migrations);
  if (isExempt(node)) return [];
  return pods.filter(({ policy }) => policy.triggers.cordon).flatMap((movable) => startOf(movable, migrations));
};
