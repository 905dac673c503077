import { type Migration, phaseOf } from '../../api/migration.ts';
import { isFinished } from '../../api/phase.ts';
import { migrations } from '../../api/resource.ts';
import { listAll } from '../cluster/pages.ts';
import { podsIn } from '../cluster/pods.ts';
import type { Session } from '../session.ts';

/** The moves away from a node that have not ended. One that nobody has looked at yet is known by its pod alone. */
export const movesFrom = async (node: string, session: Session): Promise<readonly Migration[]> => {
  const [moves, pods] = await Promise.all([listAll(migrations, {}, session), podsIn({ node }, session)]);
  const isOnNode = (move: Migration): boolean =>
    pods.some(({ metadata }) => metadata.namespace === move.metadata.namespace && metadata.name === move.spec.podName);
  return moves
    .filter((move) => !isFinished(phaseOf(move)))
    .filter((move) => (move.status?.source ? move.status.source.nodeName === node : isOnNode(move)));
};
