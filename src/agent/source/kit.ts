import { randomUUID } from 'node:crypto';
import { attemptOf, type Migration } from '../../api/migration.ts';
import { termsOf } from '../../migration/attempt.ts';
import { configureDump } from '../checkpoint/criu-config.ts';
import { dumpCommand } from '../checkpoint/dump.ts';
import { type Freezer, freezerOf } from '../checkpoint/freezer.ts';
import { type ImageDirectory, makeImageDirectory } from '../checkpoint/image-directory.ts';
import { warmUp } from '../checkpoint/warm-up.ts';
import { mappedFiles } from '../files/mapped.ts';
import { sourceRoots } from '../files/roots.ts';
import { type FileSync, openFileSync } from '../files/send.ts';
import { amongHostCgroups } from '../host/command.ts';
import { guardPath } from '../host/paths.ts';
import type { Route } from '../network/routes.ts';
import { type Channel, openChannel } from '../transfer/channel.ts';
import { protocolVersion } from '../transfer/frame.ts';
import { type Guard, openGuard } from './guard.ts';
import { journalOf } from './journal.ts';
import type { SourcePorts } from './ports.ts';
import { findSource, type SourceContainer } from './source-facts.ts';

const handshakeLimitMs = 15_000;

/** All that the freeze needs, made ready before it. */
export interface SourceKit {
  readonly container: SourceContainer;
  readonly freezer: Freezer;
  readonly image: ImageDirectory;
  readonly guard: Guard;
  readonly channel: Channel;
  readonly files: FileSync;
  /** The node of the target. */
  readonly peer: string;
  /** Where packets go once the source is frozen. */
  readonly away: Route;
  readonly maxFreezeSeconds: number;
}

/** Connects to the target and makes sure that it stands at the rendezvous. */
const greet = async (
  ports: SourcePorts,
  migration: Migration,
  mapped: readonly string[],
  signal: AbortSignal,
): Promise<Channel> => {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(handshakeLimitMs)]);
  const channel = openChannel(await ports.dial(migration.status?.target?.nodeName ?? '', limit));
  try {
    await channel.say({
      say: 'hello',
      protocol: protocolVersion,
      migrationUID: migration.metadata.uid,
      attempt: attemptOf(migration),
      mapped: [...mapped],
    });
    await channel.expect('ready', limit);
    return channel;
  } catch (error) {
    channel.close();
    throw error;
  }
};

const guardOf = (
  { runc }: SourcePorts,
  migration: Migration,
  { container, image, freezer }: Pick<SourceKit, 'container' | 'image' | 'freezer'>,
  signal: AbortSignal,
): Promise<Guard> =>
  openGuard(
    {
      // Before everything else on the node for the tenths of a second in which a pod stands still.
      script: amongHostCgroups(['nice', '-n', '-20', guardPath]),
      journal: journalOf(migration.metadata.uid),
      thawing: freezer.thawing,
      pid: container.facts.pid,
      ip: container.network.address.ip,
      hostVeth: container.network.hostVeth,
      dump: dumpCommand(runc, container.runc, image),
      logs: image.logs,
    },
    signal,
  );

/** Resolves when the target's agent is ready too. What it has made when it fails, it has taken away. */
export const makeKit = async (ports: SourcePorts, migration: Migration, signal: AbortSignal): Promise<SourceKit> => {
  const container = await findSource(ports.api, ports.runtime, migration, signal);
  const freezer = freezerOf(container.runc.cgroups);
  const roots = await sourceRoots(container.runc.bundle, container.runc.rootfs);
  const peer = migration.status?.target?.nodeName ?? '';
  const away = { ip: container.network.address.ip, to: await ports.routes.hopTo(peer) };
  await Promise.all([configureDump(container.facts.id), warmUp(ports.runc)]);
  await using made = new AsyncDisposableStack();
  const channel = await greet(ports, migration, await mappedFiles(await freezer.processes()), signal);
  made.defer(() => channel.close());
  const files = openFileSync(channel, roots, () => freezer.processes());
  made.defer(() => files.close());
  const image = await makeImageDirectory(randomUUID());
  made.defer(() => image.remove());
  const guard = await guardOf(ports, migration, { container, image, freezer }, signal);
  made.move(); // whoever gets the kit ends it
  const { maxFreezeSeconds } = termsOf(migration);
  return { container, freezer, image, guard, channel, files, peer, away, maxFreezeSeconds };
};

/** Never rejects: what became of the move has been decided by now, and is what its caller is to learn. */
export const endKit = async ({ guard, channel, files, image }: SourceKit, { log }: SourcePorts): Promise<void> => {
  files.close();
  channel.close();
  for (const [what, end] of [
    ['end the guard of a source', () => guard.dismiss()],
    ['wipe an image', () => image.remove()],
  ] as const) {
    await end().catch((error: unknown) => log.error({ error, image: image.path }, `Could not ${what}`));
  }
};
