import { fitnessOf, type MigrationNodeStatus } from '../../api/migration-node.ts';
import { hasOtherArchitecture } from './about-node.ts';
import type { Candidate, Demand } from './candidate.ts';
import { forGood, forNow, type Refusal } from './refusal.ts';
import { shortList } from './short-list.ts';
import { isOlder } from './version.ts';

type AgentObjection = (target: MigrationNodeStatus, demand: Demand, candidate: Candidate) => Refusal | undefined;

/** Agents are upgraded one after the other. */
const speaksOtherProtocol: AgentObjection = (target, { sourceAgent }) =>
  target.protocol === sourceAgent.protocol
    ? undefined
    : forNow(
        'NodeProtocolDiffers',
        `has an agent of protocol ${target.protocol}, the source's is ${sourceAgent.protocol}`,
      );

const mostFeatures = 3;

/** A program may have looked at the processor once and use what it found: without it, it dies of SIGILL after the move. */
const lacksCPUFeatures: AgentObjection = (target, demand, candidate) => {
  // Processors of two architectures have hardly a feature in common, and that says it all.
  if (hasOtherArchitecture(candidate, demand)) return undefined;
  const has = new Set(target.cpuFeatures);
  const lacking = demand.sourceAgent.cpuFeatures.filter((feature) => !has.has(feature));
  return lacking.length > 0
    ? forGood('NodeLacksCPUFeatures', `lacks CPU features of the source (${shortList(lacking, mostFeatures)})`)
    : undefined;
};

/** An image can be read by the CRIU that wrote it and by later ones; earlier ones may not know what is in it. */
const hasOlderCRIU: AgentObjection = (target, { sourceAgent }) =>
  isOlder(target.criuVersion, sourceAgent.criuVersion)
    ? forGood('NodeCRIUTooOld', `has CRIU ${target.criuVersion}, older than the source's ${sourceAgent.criuVersion}`)
    : undefined;

/**
 * A process has got what its kernel offered, and an older one cannot give it back: the restartable sequences that glibc
 * registers, for one, have grown (AT_RSEQ_FEATURE_SIZE, Linux 6.3). The third number is of fixes only.
 */
const numbersOfInterface = 2;

const hasOlderKernel: AgentObjection = (target, { sourceAgent }) =>
  isOlder(target.kernelVersion, sourceAgent.kernelVersion, numbersOfInterface)
    ? forGood(
        'NodeKernelTooOld',
        `has the kernel ${target.kernelVersion}, older than the source's ${sourceAgent.kernelVersion}`,
      )
    : undefined;

const mebibytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);

const lacksMemory: AgentObjection = (target, { source }) =>
  source.memoryBytes !== undefined && target.freeMemoryBytes < source.memoryBytes
    ? forNow('NodeLacksMemory', `has less free memory than the pod uses (${mebibytes(source.memoryBytes)} MiB)`)
    : undefined;

const objections = [speaksOtherProtocol, lacksCPUFeatures, hasOlderCRIU, hasOlderKernel, lacksMemory];

/** A node that is newer than this may get its agent yet. */
const settlingMs = 10 * 60_000;

const mayStillGetAgent = ({ node, agent }: Candidate, now: number): boolean =>
  agent?.status !== undefined || now - (Date.parse(node?.metadata.creationTimestamp ?? '') || 0) < settlingMs;

/** The silence in `why` grows by the second, and what the scheduler is to count must stay equal. */
const withoutSeconds = (why: string): string => why.replace(/ for \d+ s$/, '');

/** All that speaks against a node because of what its agent reports, or because it has none. */
export const aboutAgent = (candidate: Candidate, demand: Demand): readonly Refusal[] => {
  const fitness = fitnessOf(candidate.agent, demand.now);
  if (fitness.usable)
    return objections
      .map((objection) => objection(fitness.status, demand, candidate))
      .filter((refusal) => refusal !== undefined);
  const refuse = mayStillGetAgent(candidate, demand.now) ? forNow : forGood;
  return [refuse('NodeHasNoAgent', `has no usable Transship agent (${withoutSeconds(fitness.why)})`)];
};
