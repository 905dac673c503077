import { randomUUID } from 'node:crypto';
import { attemptOf, type Migration } from '../../api/migration.ts';
import { termsOf } from '../../migration/attempt.ts';
import { configureDump } from '../checkpoint/criu-config.ts';
import { dumpCommand } from '../checkpoint/dump.ts';
import { type Freezer, freezerOf } from '../checkpoint/freezer.ts';
import { type ImageDirectory, makeImageDirectory } from '../checkpoint/image-directory.ts';
import { warmUp } from '../checkpoint/warm-up.ts';
import { mappedFiles } from '../files/mapped.ts';
import { sourceRoots, together } from '../files/roots.ts';
import { type FileSync, openFileSync } from '../files/send.ts';
import { type Departure, openDeparture } from '../connections/departure.ts';
import { amongHostCgroups } from '../host/command.ts';
import { guardPath } from '../host/paths.ts';
import { shownLog } from '../logs/log-file.ts';
import { type LogSync, openLogSync } from '../logs/send-log.ts';
import type { PodInterface } from '../network/pod-interface.ts';
import type { Route } from '../network/routes.ts';
import { type Channel, openChannel } from '../transfer/channel.ts';
import { converse } from '../transfer/conversation.ts';
import { type Crossing, openCrossing } from '../sockets/crossing.ts';
import { readingExternals } from '../sockets/externals.ts';
import type { RuncState } from '../runtime/runc-state.ts';
import { protocolVersion } from '../transfer/frame.ts';
import { openSharedVolumes, type SharedVolumes } from '../volumes/shared-volumes.ts';
import { type Door, openDoor } from './door.ts';
import { type Guard, openGuard } from './guard.ts';
import { guardMarkOf, journalOf } from './journal.ts';
import type { SourcePorts } from './ports.ts';
import { findSource, holdersOf, type Source, type SourceContainer } from './source-facts.ts';

const handshakeLimitMs = 15_000;

/** What the freeze needs for one container. */
export interface ContainerKit {
  readonly name: string;
  readonly freezer: Freezer;
  readonly image: ImageDirectory;
  readonly guard: Guard;
}

/** All that the freeze needs, made ready before it. */
export interface SourceKit {
  /** What it is called in messages: its namespace and name. */
  readonly pod: string;
  readonly source: Source;
  readonly containers: readonly ContainerKit[];
  /** Of a pod of several containers. */
  readonly crossing: Crossing | undefined;
  readonly channel: Channel;
  readonly files: FileSync;
  readonly logs: LogSync;
  readonly departure: Departure;
  readonly door: Door;
  readonly volumes: SharedVolumes;
  /** The node of the target. */
  readonly peer: string;
  /** Where packets go once the source is frozen. */
  readonly away: Route;
  readonly maxFreezeSeconds: number;
}

interface Mapped {
  readonly container: string;
  readonly paths: readonly string[];
}

const mappedBy = async ({ name, runc }: SourceContainer): Promise<Mapped> => ({
  container: name,
  paths: await mappedFiles(await freezerOf(runc.cgroups).processes()),
});

/** Connects to the target and makes sure that it stands at the rendezvous. */
const greet = async (
  ports: SourcePorts,
  migration: Migration,
  mapped: readonly Mapped[],
  signal: AbortSignal,
): Promise<Channel> => {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(handshakeLimitMs)]);
  const stream = await ports.dial(migration.status?.target?.nodeName ?? '', limit);
  const channel = openChannel(stream, converse(ports.tracer));
  try {
    await channel.say({
      say: 'hello',
      protocol: protocolVersion,
      migrationUID: migration.metadata.uid,
      attempt: attemptOf(migration),
      mapped: mapped.map(({ container, paths }) => ({ container, paths: [...paths] })),
    });
    await channel.expect('ready', limit);
    return channel;
  } catch (error) {
    channel.close();
    throw error;
  }
};

interface Packing {
  readonly ports: SourcePorts;
  readonly migrationUID: string;
  readonly network: PodInterface;
  /** The pod has other containers, too. */
  readonly isOneOfSeveral: boolean;
}

const guardOf = (
  { ports, migrationUID, network, isOneOfSeveral }: Packing,
  container: RuncState,
  image: ImageDirectory,
  signal: AbortSignal,
): Promise<Guard> => {
  const dump = dumpCommand(ports.runc, container, image);
  return openGuard(
    {
      // Before everything else on the node for the tenths of a second in which a pod stands still.
      script: amongHostCgroups(['nice', '-n', '-20', guardPath]),
      journal: journalOf(migrationUID),
      mark: guardMarkOf(migrationUID, container.id),
      thawing: freezerOf(container.cgroups).thawing,
      network: container.network,
      ip: network.address.ip,
      hostVeth: network.hostVeth,
      dump: isOneOfSeveral ? readingExternals(image, dump) : dump,
      logs: image.logs,
    },
    signal,
  );
};

const makeContainerKit = async (
  packing: Packing,
  { name, runc }: SourceContainer,
  signal: AbortSignal,
): Promise<ContainerKit> => {
  await using made = new AsyncDisposableStack();
  const image = await makeImageDirectory(randomUUID());
  made.defer(() => image.remove());
  const guard = await guardOf(packing, runc, image, signal);
  made.move(); // whoever gets the kit ends it
  return { name, freezer: freezerOf(runc.cgroups), image, guard };
};

/** What the kubelet shows of each container, where it shows anything. */
const logsOf = async ({ metadata, spec }: Migration, { podUID, containers }: Source) => {
  const pod = { namespace: metadata.namespace ?? '', name: spec.podName, uid: podUID };
  const found = await Promise.all(
    containers.map(async ({ name }) => ({ container: name, file: await shownLog(pod, name) })),
  );
  return found.flatMap(({ container, file }) => (file ? [{ container, file }] : []));
};

const endContainerKit = async ({ guard, image }: ContainerKit, { log }: SourcePorts): Promise<void> => {
  for (const [what, end] of [
    ['end the guard of a source', () => guard.dismiss()],
    ['wipe an image', () => image.remove()],
  ] as const) {
    await end().catch((error: unknown) => log.error({ error, image: image.path }, `Could not ${what}`));
  }
};

const processesOf = async (containers: readonly SourceContainer[]): Promise<readonly number[]> =>
  (await Promise.all(containers.map(({ runc }) => freezerOf(runc.cgroups).processes()))).flat();

/** Resolves when the target's agent is ready too. What it has made when it fails, it has taken away. */
export const makeKit = async (ports: SourcePorts, migration: Migration, signal: AbortSignal): Promise<SourceKit> => {
  const source = await findSource(ports.api, ports.runtime, migration, signal);
  const roots = await Promise.all(
    source.containers.map(({ name, runc }) => sourceRoots(runc.bundle, runc.rootfs, name)),
  );
  const volumes = await openSharedVolumes(holdersOf(source));
  const peer = migration.status?.target?.nodeName ?? '';
  const away = { ip: source.network.address.ip, to: await ports.routes.hopTo(peer) };
  await Promise.all([...source.containers.map(({ runc }) => configureDump(runc.id)), warmUp(ports.runc)]);
  await using made = new AsyncDisposableStack();
  const channel = await greet(ports, migration, await Promise.all(source.containers.map(mappedBy)), signal);
  made.defer(() => channel.close());
  const files = openFileSync(channel, together(roots), {
    processes: () => processesOf(source.containers),
    clock: ports.clock,
  });
  made.defer(() => files.close());
  const logs = openLogSync(channel, await logsOf(migration, source), ports.log);
  const pid = source.containers[0]?.runc.pid ?? 0;
  const departure = await openDeparture({ ip: source.network.address.ip, pid, log: ports.log });
  made.defer(() => departure.close());
  await departure.tell(channel, signal);
  const { maxFreezeSeconds } = termsOf(migration);
  const door = openDoor(pid, maxFreezeSeconds, ports.clock);
  made.defer(() => door.close());
  const isOneOfSeveral = source.containers.length > 1;
  const packing = { ports, migrationUID: migration.metadata.uid, network: source.network, isOneOfSeveral };
  const containers: ContainerKit[] = [];
  for (const container of source.containers) {
    const kit = await makeContainerKit(packing, container, signal);
    made.defer(() => endContainerKit(kit, ports));
    containers.push(kit);
  }
  const pod = `${migration.metadata.namespace ?? ''}/${migration.spec.podName}`;
  const crossing = isOneOfSeveral ? openCrossing(pod, pid, containers) : undefined;
  made.move(); // whoever gets the kit ends it
  return {
    ...{ pod, source, containers, crossing, channel, files, logs, departure, door, volumes, peer, away },
    maxFreezeSeconds,
  };
};

/** Never rejects: what became of the move has been decided by now, and is what its caller is to learn. */
export const endKit = async (
  { containers, crossing, channel, files, departure, door }: SourceKit,
  ports: SourcePorts,
): Promise<void> => {
  crossing?.close();
  files.close();
  departure.close();
  door.close();
  channel.close();
  for (const container of containers) await endContainerKit(container, ports);
};
