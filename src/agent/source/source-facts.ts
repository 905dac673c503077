import type { Migration } from '../../api/migration.ts';
import { runtimeClass } from '../../api/names.ts';
import { containerIDOf, containerStatusesOf, lastingContainersOf, type Pod } from '../../api/pod.ts';
import { pods } from '../../api/resource.ts';
import { ReasonedError } from '../../api/reasons.ts';
import { isNotFound } from '../../kube/api-error.ts';
import type { KubeApi } from '../../kube/api.ts';
import { freezerOf } from '../checkpoint/freezer.ts';
import { type PodInterface, podInterface } from '../network/pod-interface.ts';
import { removedPod } from '../../migration/namesake/removal.ts';
import type { ContainerFacts, RuntimePort } from '../runtime/port.ts';
import { readRuncState, type RuncState } from '../runtime/runc-state.ts';
import type { Holder } from '../volumes/shared-volumes.ts';
import { heldFacts } from './signals.ts';

export interface SourceContainer {
  readonly name: string;
  readonly runc: RuncState;
}

/** A source as its node sees it. */
export interface Source {
  readonly podUID: string;
  readonly sandboxID: string;
  readonly network: PodInterface;
  /** It was started under our RuntimeClass. */
  readonly isWrapped: boolean;
  /** As the kubelet has started them. */
  readonly containers: readonly SourceContainer[];
}

const readSourcePod = async (api: KubeApi, migration: Migration, signal: AbortSignal): Promise<Pod> => {
  const { namespace } = migration.metadata;
  const { podName: name } = migration.spec;
  const gone = (why: string) => new ReasonedError('SourceGone', `Pod ${namespace ?? ''}/${name} ${why}`);
  const pod = await api.get(pods, { namespace, name }, signal).catch((error: unknown) => {
    throw isNotFound(error) ? gone('does not exist any more') : error;
  });
  if (pod.metadata.uid !== migration.status?.source?.podUID) throw gone('has been replaced by another of that name');
  return pod;
};

interface Described {
  readonly name: string;
  readonly facts: ContainerFacts;
}

const hasEnded = ({ spec, metadata }: Migration, name: string): ReasonedError =>
  new ReasonedError(
    'SourceGone',
    `container ${name} of pod ${metadata.namespace ?? ''}/${spec.podName} has ended or does not run`,
  );

/** Of a source whose object is removed: what was written down when it still was there. */
const removedContainers = (migration: Migration): Promise<readonly Described[]> =>
  Promise.all(
    (migration.status?.source?.containers ?? []).map(async ({ name, id }) => {
      const facts = await heldFacts(id);
      if (!facts) throw hasEnded(migration, name);
      return { name, facts };
    }),
  );

const describedContainers = async (
  runtime: RuntimePort,
  migration: Migration,
  pod: Pod,
  signal: AbortSignal,
): Promise<readonly Described[]> => {
  const running = containerStatusesOf(pod).filter(({ state }) => state?.running !== undefined);
  return Promise.all(
    lastingContainersOf(pod).map(async ({ name }) => {
      const id = containerIDOf(running.find((status) => status.name === name)?.containerID);
      if (id === undefined) throw hasEnded(migration, name);
      return { name, facts: await runtime.describe(id, signal) };
    }),
  );
};

/** Finds the running containers of the source. Rejects with SourceGone when the pod or one of them has ended. */
export const findSource = async (
  api: KubeApi,
  runtime: RuntimePort,
  migration: Migration,
  signal: AbortSignal,
): Promise<Source> => {
  const removed = removedPod(migration);
  const pod = removed ?? (await readSourcePod(api, migration, signal));
  const described = await (removed
    ? removedContainers(migration)
    : describedContainers(runtime, migration, pod, signal));
  const containers = await Promise.all(
    described.map(async ({ name, facts }) => {
      const runc = await readRuncState(runtime.name, facts.id).catch(() => undefined); // it has ended
      if (!runc) throw hasEnded(migration, name);
      return { name, runc };
    }),
  );
  const [first] = containers;
  const { podUID, sandboxID } = described[0]?.facts ?? { podUID: '', sandboxID: '' };
  if (!first) throw hasEnded(migration, '');
  const isWrapped = pod.spec.runtimeClassName === runtimeClass;
  return { podUID, sandboxID, isWrapped, containers, network: await podInterface(first.runc.pid) };
};

/** What shared volumes are looked for in. */
export const holdersOf = ({ containers }: Source): readonly Holder[] =>
  containers.map(({ runc }) => ({ bundle: runc.bundle, processes: () => freezerOf(runc.cgroups).processes() }));
