import type { Migration, SourceStatus } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import { pods } from '../../api/resource.ts';
import { type Finding, ReasonedError } from '../../api/reasons.ts';
import { isNotFound } from '../../kube/api-error.ts';
import type { KubeApi } from '../../kube/api.ts';
import { freezerOf } from '../checkpoint/freezer.ts';
import { freeImageBytes } from '../checkpoint/image-directory.ts';
import { gatherProcesses, inspectionFindings, multipathSocketsOf, residentBytesOf } from '../checkpoint/inspection.ts';
import { type PodInterface, podInterface } from '../network/pod-interface.ts';
import { isRemoved } from '../../migration/namesake/removal.ts';
import type { ContainerFacts, RuntimePort } from '../runtime/port.ts';
import { readRuncState, type RuncState } from '../runtime/runc-state.ts';
import { heldFacts } from './signals.ts';

/** The one container of a source as its node sees it. */
export interface SourceContainer {
  readonly facts: ContainerFacts;
  readonly runc: RuncState;
  readonly network: PodInterface;
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

/** Of a source whose object is removed: what was written down when it still was there. */
const removedContainer = async (
  runtime: RuntimePort,
  { spec, metadata, status }: Migration,
): Promise<ContainerFacts> => {
  const facts = await heldFacts(status?.source?.containerID ?? '');
  const isThere = facts && (await readRuncState(runtime.name, facts.id).catch(() => undefined)); // it has ended
  if (isThere) return facts;
  throw new ReasonedError('SourceGone', `the container of pod ${metadata.namespace ?? ''}/${spec.podName} has ended`);
};

const describedContainer = async (
  api: KubeApi,
  runtime: RuntimePort,
  migration: Migration,
  signal: AbortSignal,
): Promise<ContainerFacts> => {
  const pod = await readSourcePod(api, migration, signal);
  const running = pod.status?.containerStatuses?.find((c) => c.state?.running !== undefined);
  const id = running?.containerID?.split('://')[1];
  if (!id)
    throw new ReasonedError(
      'SourceGone',
      `Pod ${pod.metadata.namespace ?? ''}/${pod.metadata.name} has no running container`,
    );
  return runtime.describe(id, signal);
};

/** Finds the running container of the source. Rejects with SourceGone when pod or container has ended. */
export const findSource = async (
  api: KubeApi,
  runtime: RuntimePort,
  migration: Migration,
  signal: AbortSignal,
): Promise<SourceContainer> => {
  const facts = await (isRemoved(migration)
    ? removedContainer(runtime, migration)
    : describedContainer(api, runtime, migration, signal));
  const [runc, network] = await Promise.all([readRuncState(runtime.name, facts.id), podInterface(facts.pid)]);
  return { facts, runc, network };
};

/** Looks at the processes of a source: what the record needs to know of it, and all that stands in the way. */
export const inspectSource = async (
  runtime: RuntimePort,
  migration: Migration,
  { facts, runc, network }: SourceContainer,
): Promise<{ readonly status: SourceStatus; readonly findings: readonly Finding[] }> => {
  const pids = await freezerOf(runc.cgroups).processes();
  const [processes, multipathSockets, room] = await Promise.all([
    gatherProcesses(pids),
    multipathSocketsOf(facts.pid),
    freeImageBytes(),
  ]);
  const name = `${migration.metadata.namespace ?? ''}/${migration.spec.podName}`;
  const findings = inspectionFindings(name, {
    processes,
    multipathSockets,
    freeImageBytes: room,
    address: network.address,
  });
  const known = migration.status?.source;
  return {
    status: {
      nodeName: known?.nodeName ?? '',
      podUID: known?.podUID ?? facts.podUID,
      runtime: runtime.name,
      containerID: facts.id,
      address: network.address,
      memoryBytes: residentBytesOf(processes),
    },
    findings,
  };
};
