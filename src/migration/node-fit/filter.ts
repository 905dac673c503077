import * as closed from '../../api/closed-node.ts';
import { fitnessOf, type MigrationNode, type MigrationNodeStatus } from '../../api/migration-node.ts';
import type { SourceStatus } from '../../api/migration.ts';
import type { Node } from '../../api/pod.ts';
import { isOlder } from './version.ts';

/** One node as a place for one target. */
export interface Candidate {
  readonly name: string;
  readonly node: Node | undefined;
  readonly agent: MigrationNode | undefined;
  /** Other moves that go to this node now. */
  readonly inbound: number;
}

/** What is asked of every candidate. */
export interface Demand {
  readonly source: SourceStatus;
  readonly sourceAgent: MigrationNodeStatus;
  readonly maxInbound: number;
  /** The one node that the Migration wants, where it wants one. */
  readonly wanted?: string | undefined;
  /** Nodes that were at fault in earlier attempts of the move. */
  readonly atFault: ReadonlySet<string>;
  readonly now: number;
}

/*
 * The scheduler counts equal reasons and shows the user "0/5 nodes are
 * available: 1 is the source of the move, 2 …", so a reason begins with a verb
 * and names no node.
 */

const isSource = ({ name }: Candidate, { source }: Demand): string | undefined =>
  name === source.nodeName ? 'is the source of the move' : undefined;

/** The ordinary scheduler heeds it too, but a source's tolerations are copied to its target and may say otherwise. */
const isCordoned = ({ node }: Candidate): string | undefined =>
  node && closed.isCordoned(node) ? 'is cordoned' : undefined;

const isDecommissioned = ({ node }: Candidate): string | undefined =>
  node && closed.isDecommissioned(node) ? 'is decommissioned' : undefined;

const isBusy = ({ inbound }: Candidate, { maxInbound }: Demand): string | undefined =>
  inbound >= maxInbound ? `takes ${inbound} moves already, the limit is ${maxInbound}` : undefined;

/**
 * Not an affinity of the target: that would bind the pod to the node for the
 * rest of its life, and the targets of its later moves with it.
 */
const isNotWanted = ({ name }: Candidate, { wanted }: Demand): string | undefined =>
  wanted === undefined || wanted === name ? undefined : 'is not the node that the Migration names';

const aboutNode = [isNotWanted, isCordoned, isDecommissioned, isBusy];

type AgentCheck = (target: MigrationNodeStatus, demand: Demand) => string | undefined;

const speaksOtherProtocol: AgentCheck = (target, { sourceAgent }) =>
  target.protocol === sourceAgent.protocol
    ? undefined
    : `has an agent of protocol ${target.protocol}, the source's is ${sourceAgent.protocol}`;

/** A program may have looked at the processor once and use what it found: without it, it dies of SIGILL after the move. */
const lacksCpuFeatures: AgentCheck = (target, { sourceAgent }) => {
  const has = new Set(target.cpuFeatures);
  const lacking = sourceAgent.cpuFeatures.filter((feature) => !has.has(feature));
  return lacking.length > 0 ? `lacks CPU features of the source (${shortList(lacking)})` : undefined;
};

const hasOlderCriu: AgentCheck = (target, { sourceAgent }) =>
  isOlder(target.criuVersion, sourceAgent.criuVersion)
    ? `has CRIU ${target.criuVersion}, older than the source's ${sourceAgent.criuVersion}`
    : undefined;

const lacksMemory: AgentCheck = (target, { source }) =>
  source.memoryBytes !== undefined && target.freeMemoryBytes < source.memoryBytes
    ? `has less free memory than the pod uses (${mebibytes(source.memoryBytes)} MiB)`
    : undefined;

const aboutAgent = [speaksOtherProtocol, lacksCpuFeatures, hasOlderCriu, lacksMemory];

const mostNamed = 3;

const shortList = (names: readonly string[]): string =>
  names.length > mostNamed
    ? `${names.slice(0, mostNamed).join(', ')} and ${names.length - mostNamed} more`
    : names.join(', ');

const mebibytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);

const isPresent = (reason: string | undefined): reason is string => reason !== undefined;

const agentReasons = ({ agent }: Candidate, demand: Demand): string[] => {
  const fitness = fitnessOf(agent, demand.now);
  // The silence in `why` grows by the second; what is told apart here must stay countable.
  if (!fitness.usable) return [`has no usable Transship agent (${fitness.why.replace(/ for \d+ s$/, '')})`];
  return aboutAgent.map((check) => check(fitness.status, demand)).filter(isPresent);
};

/** Every reason that this node has in itself why the target must not go to it. */
export const reasonsAgainst = (candidate: Candidate, demand: Demand): readonly string[] => {
  const source = isSource(candidate, demand);
  if (source) return [source];
  return [...aboutNode.map((check) => check(candidate, demand)).filter(isPresent), ...agentReasons(candidate, demand)];
};

export interface Judged {
  readonly candidate: Candidate;
  /** None means that the target may go there. */
  readonly against: readonly string[];
}

/**
 * Judges all candidates together: a node that was at fault in an earlier attempt
 * is refused only while another one fits, because its fault may pass and the
 * move would otherwise have no place at all. Nor where the Migration names its node.
 */
export const judge = (candidates: readonly Candidate[], demand: Demand): readonly Judged[] => {
  const judged = candidates.map((candidate) => ({ candidate, against: reasonsAgainst(candidate, demand) }));
  const wasAtFault = ({ candidate }: Judged): boolean => demand.atFault.has(candidate.name);
  const hasChoice = judged.some((each) => each.against.length === 0 && !wasAtFault(each));
  if (demand.wanted !== undefined || !hasChoice) return judged;
  return judged.map((each) =>
    wasAtFault(each) ? { ...each, against: [...each.against, 'was at fault in an earlier attempt of the move'] } : each,
  );
};
