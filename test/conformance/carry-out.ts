import { say } from '../../lab/progress.ts';
import { runtimeOf } from '../cluster/nodes.ts';
import { brokenOf, type Claims } from './claims.ts';
import type { Turn } from './choice.ts';
import type { Result } from './result.ts';
import { openScene, routeOf } from './scene.ts';
import { describeFailure, describeResult } from './words.ts';

/** Of what went wrong in a case and of what went wrong in taking it back, each. */
const reasonsOf = (error: unknown): readonly string[] => {
  if (error instanceof SuppressedError) return [error.suppressed, error.error].flatMap(reasonsOf);
  return [error instanceof Error ? error.message : String(error)];
};

/** What a case has shown, and what was amiss: a claim that does not hold, or whatever kept it from being tried or taken back. */
const shownBy = async ({ number, tried }: Turn): Promise<Pick<Result, 'claims' | 'notSo' | 'said'>> => {
  const transcript: string[] = [];
  let claims: Claims = {};
  const broken: string[] = [];
  try {
    await using scene = await openScene(number, transcript);
    claims = await tried.attempt(scene);
  } catch (error) {
    broken.push(...reasonsOf(error));
  }
  return { claims, notSo: [...brokenOf(claims), ...broken], said: transcript.join('\n') };
};

const carryOutOne = async (turn: Turn): Promise<Result> => {
  const begun = performance.now();
  const { from, to } = routeOf(turn.number);
  const shown = await shownBy(turn);
  const seconds = (performance.now() - begun) / 1000;
  return { turn, from: runtimeOf(from), to: runtimeOf(to), ...shown, seconds };
};

export interface Orders {
  /** Once it aborts no case is begun any more. */
  readonly stop: AbortSignal;
  readonly onResult: (results: readonly Result[]) => Promise<void>;
}

/** Tries one case after the other, and says a line about each. */
export const carryOut = async (turns: readonly Turn[], { stop, onResult }: Orders): Promise<readonly Result[]> => {
  const results: Result[] = [];
  for (const turn of turns) {
    if (stop.aborted) break;
    const result = await carryOutOne(turn);
    results.push(result);
    say(describeResult(result));
    if (result.notSo.length > 0) say(describeFailure(result));
    await onResult(results);
  }
  return results;
};
