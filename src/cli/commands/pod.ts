import type { Pod } from '../../api/pod.ts';
import { sentenceOf } from '../../api/reasons.ts';
import { assess, obstaclesOf } from '../assessment/assessment.ts';
import { placesFor } from '../assessment/places.ts';
import { nodeNamed, nodeNameIn, podNamed } from '../cluster/named.ts';
import { ifPermitted } from '../cluster/permitted.ts';
import { type ClusterView, viewCluster } from '../cluster/view.ts';
import { exitCode } from '../exit-code.ts';
import { UserError } from '../failure.ts';
import { followMoves } from '../follow/moves.ts';
import { printSummary } from '../follow/summary.ts';
import { type ChangeOptions, printChanges } from '../output/changes.ts';
import { beginMove, joinMove, keyOfMove } from '../request/begin.ts';
import type { Session } from '../session.ts';

export interface PodOptions extends ChangeOptions {
  readonly to?: string | undefined;
  readonly wait?: boolean | undefined;
}

const seeCheck = ({ metadata: { name, namespace = 'default' } }: Pod): string =>
  `kubectl transship check ${name} -n ${namespace} has more`;

/** A node that is only busy will take the pod later: the move waits for its turn. */
const unlimited = Number.POSITIVE_INFINITY;

const refuseTarget = async (pod: Pod, to: string, view: ClusterView, session: Session): Promise<void> => {
  await ifPermitted(nodeNamed(to, session));
  const place = placesFor(pod, view, { maxInbound: unlimited, wanted: to })?.find(({ node }) => node === to);
  if (!place || place.against.length === 0) return;
  throw new UserError(
    `node ${to} cannot take pod ${pod.metadata.name}: ${sentenceOf(place.against)}. Name another node, or none and let the scheduler choose; ${seeCheck(pod)}`,
  );
};

/** Nothing is begun that would only fail: the pod would wait for that, and the next request would find the failure. */
const refuse = async (pod: Pod, to: string | undefined, session: Session): Promise<void> => {
  const view = await viewCluster(session);
  const assessment = assess(pod, view);
  if (assessment.findings.length > 0) {
    throw new UserError(
      `pod ${pod.metadata.name} cannot be moved: ${sentenceOf(assessment.findings)}. Nothing was changed; ${seeCheck(pod)}`,
    );
  }
  if (to !== undefined) return refuseTarget(pod, to, view, session);
  for (const { message } of obstaclesOf(assessment))
    session.terminal.err(`Warning: ${message}. The move waits for one`);
};

/** Moves a pod; joins the move that is under way already, when it is the same. */
export const pod = async (word: string, options: PodOptions, session: Session): Promise<number> => {
  const to = options.to === undefined ? undefined : nodeNameIn(options.to);
  const wanted = await podNamed(word, session);
  const existing = await joinMove(wanted, to, session);
  if (!existing) await refuse(wanted, to, session);
  await printChanges([existing ?? (await beginMove(wanted, { ...options, to }, session))], options, session.terminal);
  if (options.wait !== true) return exitCode.done;
  return printSummary(await followMoves([keyOfMove(wanted)], session), session);
};
