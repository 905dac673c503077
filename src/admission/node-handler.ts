import { node, type Node } from '../api/pod.ts';
import type { Clock } from '../clock/clock.ts';
import { announcementOf } from '../migration/emptying/announcement.ts';
import type { EmptyingFacts } from '../migration/emptying/facts.ts';
import type { Answer, ReviewRequest } from './review.ts';

export interface NodePorts {
  /** What is known, from memory, about emptying a node that is to be so. */
  readonly emptyingFactsOf: (node: Node) => EmptyingFacts;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Allows every change of a node, and tells whoever has made it what it begins.
 * The moves themselves are begun by the controller that leads, whose watch hears
 * of the node as soon as it is written: a request that another webhook refuses,
 * or that is only tried out, begins nothing.
 */
export const answerNode = (request: ReviewRequest, { emptyingFactsOf, clock }: NodePorts): Answer => {
  const [before, after] = [node.safeParse(request.oldObject), node.safeParse(request.object)];
  if (!before.success || !after.success) return {};
  const isDryRun = request.dryRun === true;
  const facts = emptyingFactsOf(after.data);
  return { warnings: announcementOf({ before: before.data, facts, isDryRun, now: clock.now() }) };
};
