import type { Passage } from '../reach/server.ts';
import type { Result } from './result.ts';

/** One line about a run, as it scrolls by. */
export const describeRun = (result: Result, total: number): string => {
  const { number, fault, step, source, target, sourceRuntime, targetRuntime, outcome, frozenForMs, tookMs } = result;
  const count = `${String(number).padStart(String(total).length)}/${String(total)}`;
  const way = `${source} (${sourceRuntime}) → ${target} (${targetRuntime})`;
  const ending = `${outcome ?? 'no outcome'}, frozen for ${String(frozenForMs)} ms, ${(tookMs / 1000).toFixed(1)} s`;
  const verdict = result.notSo.length === 0 ? 'ok' : `NOT SO: ${result.notSo.join('; ')}`;
  return `${count}  ${fault} at ${step}, ${way}: ${ending}: ${verdict}`;
};

/** What a person needs who wants to know why: the words of the record, and how the move went. */
export const describeFailure = ({ reason, message }: Result, passages: readonly Passage[]): string => {
  const begun = passages[0]?.at ?? 0;
  const lines = passages.map(
    ({ at, point, detail, node, pod, move }) =>
      `      +${String(at - begun).padStart(6)} ms  ${point}${detail === undefined ? '' : `/${detail}`} (${node ?? pod}${move.attempt === undefined ? '' : `, attempt ${String(move.attempt)}`})`,
  );
  return [`    the record: ${reason || 'none'}: ${message}`, ...lines].join('\n');
};
