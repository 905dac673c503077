import type { IPLease } from '../../../src/api/addresses.ts';
import { type Migration, phaseOf } from '../../../src/api/migration.ts';
import { deletionCostAnnotation, targetLabel } from '../../../src/api/names.ts';
import { isReady, type Pod } from '../../../src/api/pod.ts';
import { isOver } from '../../../src/migration/status.ts';
import { isLeased, type Leftovers } from './findings.ts';

/** All that the API server has of one lane. */
export interface LaneObjects {
  readonly pods: readonly Pod[];
  readonly migrations: readonly Migration[];
  readonly leases: readonly IPLease[];
  /** Node → its range of addresses for pods. */
  readonly ranges: ReadonlyMap<string, string>;
}

/** The one pod that a finished move leaves; undefined when there is none, or more than one. */
export const survivorOf = ({ pods }: LaneObjects): Pod | undefined =>
  pods.length === 1 && pods[0]?.metadata.deletionTimestamp === undefined ? pods[0] : undefined;

export const hasLease = (pod: Pod, { ranges }: Pick<LaneObjects, 'ranges'>): boolean =>
  isLeased(pod.status?.podIP ?? '', ranges.get(pod.spec.nodeName ?? '') ?? '');

const ofPod = (pod: Pod): readonly string[] => {
  const { name, labels, annotations } = pod.metadata;
  return [
    ...(isReady(pod) ? [] : [`pod ${name} is not ready`]),
    ...(labels?.[targetLabel] === undefined ? [] : [`pod ${name} still is a target`]),
    ...(annotations?.[deletionCostAnnotation] === undefined ? [] : [`pod ${name} still is the first to be deleted`]),
  ];
};

const ofLease = ({ spec }: IPLease, pod: Pod): readonly string[] =>
  spec.nodeName === pod.spec.nodeName && spec.podUID === pod.metadata.uid
    ? []
    : [`lease ${spec.ip} names ${spec.podName} on ${spec.nodeName}`];

/** What is wrong with the objects of a lane whose move is over. */
export const objectLeftovers = (objects: LaneObjects): Leftovers => {
  const { pods, migrations, leases } = objects;
  const open = migrations.filter((migration) => !isOver(migration));
  const now = open.map((migration) => `Migration ${migration.metadata.name} is ${phaseOf(migration)}`);
  const pod = survivorOf(objects);
  if (!pod) return { now: [...now, `pods ${pods.map(({ metadata }) => metadata.name).join(', ')}`], lingering: [] };
  const mine = leases.filter(({ spec }) => spec.ip === pod.status?.podIP);
  return {
    now: [
      ...now,
      ...ofPod(pod),
      ...(mine.length === (hasLease(pod, objects) ? 1 : 0)
        ? []
        : [`${String(mine.length)} leases of ${pod.status?.podIP ?? 'no address'}`]),
      ...mine.flatMap((lease) => ofLease(lease, pod)),
    ],
    lingering: leases.filter((lease) => !mine.includes(lease)).map(({ spec }) => `lease ${spec.ip} of ${spec.podName}`),
  };
};
