import type { Node, Pod } from '../api/pod.ts';
import type { Candidate } from '../migration/node-fit/candidate.ts';
import { imagesOf, isAmong } from '../migration/node-fit/images.ts';

/** The scheduler takes 0 to 10 from an extender and multiplies by its weight (MaxExtenderPriority in kube-scheduler's extender API). */
export const highestScore = 10;

/*
 * What makes a move short, in this order: an image that need not be pulled
 * saves seconds to minutes before the freeze; another move to the same node
 * shares its network during it; memory to spare keeps the dump out of swap.
 */
const weights = { images: 5, quiet: 3, memory: 2 } as const;

const imagesPresent = ({ spec: { containers } }: Pod, node: Node | undefined): number => {
  const present = imagesOf(node);
  return containers.filter(({ image = '' }) => isAmong(image, present)).length / Math.max(containers.length, 1);
};

const quietness = ({ inbound }: Candidate, maxInbound: number): number =>
  1 - Math.min(inbound / Math.max(maxInbound, 1), 1);

/** Free memory after the move as a share of the roomiest candidate's: comparable between clusters of any size. */
const spareMemory = (free: number, needed: number, roomiest: number): number =>
  roomiest > needed ? Math.max(free - needed, 0) / (roomiest - needed) : 0;

export interface Placement {
  readonly pod: Pod;
  readonly memoryBytes: number;
  readonly maxInbound: number;
}

const freeMemory = ({ agent }: Candidate): number => agent?.status?.freeMemoryBytes ?? 0;

/** One score a candidate, in their order. */
export const scores = (
  candidates: readonly Candidate[],
  { pod, memoryBytes, maxInbound }: Placement,
): readonly number[] => {
  const roomiest = Math.max(0, ...candidates.map(freeMemory));
  return candidates.map((candidate) =>
    Math.round(
      weights.images * imagesPresent(pod, candidate.node) +
        weights.quiet * quietness(candidate, maxInbound) +
        weights.memory * spareMemory(freeMemory(candidate), memoryBytes, roomiest),
    ),
  );
};
