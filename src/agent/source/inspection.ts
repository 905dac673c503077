import type { Migration, SourceStatus } from '../../api/migration.ts';
import { type Finding } from '../../api/reasons.ts';
import { freezerOf } from '../checkpoint/freezer.ts';
import { freeImageBytes } from '../checkpoint/image-directory.ts';
import {
  gatherProcesses,
  inspectionFindings,
  multipathSocketsOf,
  type ProcessFacts,
  residentBytesOf,
} from '../checkpoint/inspection.ts';
import { gatherHolders, heldFileFindings } from '../checkpoint/held-files.ts';
import { type ContainerProcesses, sharedFindings } from '../checkpoint/shared.ts';
import { generatedVolumesAmong, watchedFileFindings } from '../checkpoint/watched-files.ts';
import { lostPeers } from '../connections/lost.ts';
import { layerFindings } from '../files/layer-features.ts';
import { mountsOf } from '../files/roots.ts';
import { singleFileFindings } from '../files/single-file.ts';
import { refusalOf } from '../../migration/lost-connections.ts';
import { readResolver } from '../address/resolver.ts';
import type { RuntimePort } from '../runtime/port.ts';
import { openSharedVolumes } from '../volumes/shared-volumes.ts';
import { holdersOf, type Source } from './source-facts.ts';

const processesBy = ({ containers }: Source): Promise<readonly ContainerProcesses[]> =>
  Promise.all(
    containers.map(async ({ name, runc }) => ({
      name,
      processes: await gatherProcesses(await freezerOf(runc.cgroups).processes()),
    })),
  );

/** What its files and volumes, and the processes that use them, have against a move. */
const fileFindings = async (
  name: string,
  processes: readonly ProcessFacts[],
  { containers }: Source,
): Promise<readonly Finding[]> => {
  const mounts = (await Promise.all(containers.map(({ runc }) => mountsOf(runc.bundle)))).flat();
  const volumes = generatedVolumesAmong(mounts.map(({ source = '' }) => source));
  const found = await Promise.all([
    gatherHolders(processes.map(({ pid }) => pid)).then((holders) => heldFileFindings(name, holders)),
    watchedFileFindings(name, processes, volumes),
    singleFileFindings(name, mounts),
    layerFindings(
      name,
      containers.map(({ runc }) => runc.rootfs),
    ),
  ]);
  return found.flat();
};

/** Against a move that must not end any. */
const lossFindings = (name: string, lost: readonly string[], { status }: Migration): readonly Finding[] =>
  lost.length > 0 && status?.terms?.lostConnections === 'Refuse' ? [refusalOf(name, lost)] : [];

/** Looks at the processes of a source: what the record needs to know of it, and all that stands in the way. */
export const inspectSource = async (
  runtime: RuntimePort,
  migration: Migration,
  source: Source,
  signal: AbortSignal,
): Promise<{ readonly status: SourceStatus; readonly findings: readonly Finding[] }> => {
  const { podUID, network, containers } = source;
  const { pid, bundle } = containers[0]?.runc ?? { pid: 0, bundle: '' };
  const name = `${migration.metadata.namespace ?? ''}/${migration.spec.podName}`;
  const byContainer = await processesBy(source);
  const processes = byContainer.flatMap((container) => container.processes);
  const volumes = await openSharedVolumes(holdersOf(source));
  const [multipathSockets, room, shared, locked, ofFiles, resolver, lost] = await Promise.all([
    multipathSocketsOf(pid),
    freeImageBytes(),
    sharedFindings(name, pid, byContainer),
    volumes.findings(signal),
    fileFindings(name, processes, source),
    readResolver(bundle).catch(() => undefined), // the target then gets that of its own node
    lostPeers(network.address.ip, signal),
  ]);
  const own = inspectionFindings(name, {
    processes,
    multipathSockets,
    freeImageBytes: room,
    address: network.address,
  });
  const known = migration.status?.source ?? { nodeName: '', podUID };
  return {
    status: {
      nodeName: known.nodeName,
      podUID: known.podUID,
      runtime: runtime.name,
      containers: containers.map(({ name, runc }) => ({ name, id: runc.id })),
      address: network.address,
      ...(resolver && { resolver }),
      memoryBytes: residentBytesOf(processes),
      ...(lost.length > 0 && { lostConnections: [...lost] }),
    },
    findings: [...own, ...shared, ...locked, ...ofFiles, ...lossFindings(name, lost, migration)],
  };
};
