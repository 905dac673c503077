import { type Migration, phaseOf } from '../../api/migration.ts';
import { exitCode } from '../exit-code.ts';
import type { Session } from '../session.ts';

/** What came of a move that has succeeded. */
const movedText = ({ spec, status }: Migration): string => {
  const { source, target, timings } = status ?? {};
  const way = `from ${source?.nodeName ?? '?'} to ${target?.nodeName ?? '?'} as pod/${target?.podName ?? '?'}`;
  const freeze = timings?.freezeMs === undefined ? '' : `, frozen for ${timings.freezeMs} ms`;
  return `pod/${spec.podName} moved ${way}${freeze}`;
};

/** Says of each move that has succeeded where its pod is now; why the others have not has been told on the way. */
export const printSummary = (moves: readonly Migration[], { terminal }: Session): number => {
  const succeeded = moves.filter((move) => phaseOf(move) === 'Succeeded');
  for (const move of succeeded) terminal.out(movedText(move));
  return succeeded.length === moves.length ? exitCode.done : exitCode.no;
};
