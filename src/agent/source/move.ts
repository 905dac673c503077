import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { builtInPolicy, defaultPolicyName } from '../../api/migration-policy.ts';
import type { Migration } from '../../api/migration.ts';
import { migrationPolicies } from '../../api/resource.ts';
import { configureDump } from '../checkpoint/criu-config.ts';
import { freezerOf } from '../checkpoint/freezer.ts';
import { makeImageDirectory, type ImageDirectory } from '../checkpoint/image-directory.ts';
import { primeDump, readDuration } from '../checkpoint/dump.ts';
import { warmUp } from '../checkpoint/warm-up.ts';
import { mappedFiles } from '../files/mapped.ts';
import { sourceRoots } from '../files/roots.ts';
import { type FileSync, openFileSync } from '../files/send.ts';
import type { Route } from '../network/routes.ts';
import type { Primed } from '../host/primed.ts';
import { type Channel, openChannel } from '../transfer/channel.ts';
import { protocolVersion } from '../transfer/frame.ts';
import { Undo } from '../undo.ts';
import { findingOf } from '../blame.ts';
import { commit, InDoubt } from './commit.ts';
import { fence } from './fence.ts';
import { freezeAndSend, freezeTooLong, type Held } from './freeze-window.ts';
import { removeEntry, writeEntry } from './journal.ts';
import type { SourcePorts } from './ports.ts';
import { findSource, type SourceContainer } from './source-facts.ts';

const handshakeLimitMs = 15_000;
const releaseLimitMs = 10_000;

/** What one move holds on the node of the source, from before the freeze until it is over. */
interface Equipment {
  readonly migration: Migration;
  readonly container: SourceContainer;
  readonly image: ImageDirectory;
  readonly dump: Primed;
  readonly channel: Channel;
  readonly files: FileSync;
  /** Where packets go from the freeze on. */
  readonly away: Route;
  readonly maxFreezeSeconds: number;
}

/** A fault before the commit, already undone. `migration` is the record as this side last wrote it. */
export class MoveUndone extends Error {
  override readonly name = 'MoveUndone';
  readonly migration: Migration;

  constructor(migration: Migration, cause: unknown) {
    super('The move was taken back', { cause });
    this.migration = migration;
  }
}

const maxFreezeSeconds = async ({ api }: SourcePorts, signal: AbortSignal): Promise<number> => {
  const policy = await api.get(migrationPolicies, { name: defaultPolicyName }, signal).catch(() => undefined); // then what is built in holds
  return (policy?.spec ?? builtInPolicy).maxFreezeSeconds;
};

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
      attempt: 1,
      mapped: [...mapped],
    });
    await channel.expect('ready', limit);
    return channel;
  } catch (error) {
    channel.close();
    throw error;
  }
};

const equip = async (ports: SourcePorts, migration: Migration, signal: AbortSignal): Promise<Equipment> => {
  const container = await findSource(ports.api, ports.runtime, migration, signal);
  const seconds = await maxFreezeSeconds(ports, signal);
  const roots = await sourceRoots(container.runc.bundle, container.runc.rootfs);
  const away = {
    ip: container.network.address.ip,
    to: await ports.routes.hopTo(migration.status?.target?.nodeName ?? ''),
  };
  await Promise.all([configureDump(container.facts.id), warmUp(ports.runc)]);
  const channel = await greet(
    ports,
    migration,
    await mappedFiles(await freezerOf(container.runc.cgroups).processes()),
    signal,
  );
  const files = openFileSync(channel, roots);
  const image = await makeImageDirectory(randomUUID());
  return {
    migration,
    container,
    image,
    channel,
    files,
    away,
    maxFreezeSeconds: seconds,
    dump: primeDump(ports.runc, container.runc, image),
  };
};

/** Never rejects: what became of the move has been decided by now, and is what its caller is to learn. */
const release = async ({ dump, channel, files, image }: Equipment, { log }: SourcePorts): Promise<void> => {
  dump.close();
  files.close();
  channel.close();
  await image.remove().catch((error: unknown) => {
    log.error({ error, image: image.path }, 'Could not wipe an image');
  });
};

const writeJournal = async (
  ports: SourcePorts,
  { migration, container: { facts, network } }: Equipment,
  committed: boolean,
): Promise<void> => {
  const { uid: migrationUID, namespace = '', name } = migration.metadata;
  const { id: containerID, sandboxID, podUID } = facts;
  const runtime = ports.runtime.name;
  await writeEntry({
    migrationUID,
    namespace,
    name,
    runtime,
    containerID,
    sandboxID,
    podUID,
    ip: network.address.ip,
    hostVeth: network.hostVeth,
    committed,
  });
};

/**
 * From now on this side owns the record. Written before the preparations, not
 * after them: everyone who watches the record looks up at a change, and the
 * freeze should not meet them at it.
 */
const claim = async (ports: SourcePorts, arrived: Migration, signal: AbortSignal): Promise<Migration> => {
  const target = arrived.status?.target?.nodeName ?? '';
  const finding = { reason: 'Moving', message: `Moving from node ${ports.here} to node ${target}` } as const;
  try {
    return await ports.record.transition(arrived, { to: 'Moving', finding }, signal);
  } catch (error) {
    throw new MoveUndone(arrived, error);
  }
};

/** From the preparations until the commit. Rejects with {@link MoveUndone} or {@link InDoubt}. */
const moveUntilCommit = async (
  ports: SourcePorts,
  kit: Equipment,
  signal: AbortSignal,
  process: AbortSignal,
): Promise<{ committed: Migration; held: Held; commitMs: number }> => {
  const { migration, container, channel, dump, files, image, away } = kit;
  const undo = new Undo(ports.log);
  const limit = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  try {
    undo.add('Closed the journal of the source', () => removeEntry(migration.metadata.uid));
    await writeJournal(ports, kit, false);
    await files.pass(signal);
    timer = setTimeout(() => {
      limit.abort(freezeTooLong(migration.spec.podName, kit.maxFreezeSeconds));
    }, kit.maxFreezeSeconds * 1000);
    const window = AbortSignal.any([signal, limit.signal]);
    const source = {
      pid: container.facts.pid,
      peer: migration.status?.target?.nodeName ?? '',
      away,
      freezer: freezerOf(container.runc.cgroups),
      dump,
      files,
      image,
      channel,
      routes: ports.routes,
    };
    const held = await freezeAndSend(source, undo, window);
    window.throwIfAborted();
    clearTimeout(timer);
    const asked = performance.now();
    const committed = await commit(ports, migration, held, process);
    return { committed, held, commitMs: Math.round(performance.now() - asked) };
  } catch (error) {
    if (error instanceof InDoubt) throw error;
    // Not waited for: a connection that is cut off takes nothing more, and the target also reads the record.
    channel.say({ say: 'failed', ...findingOf(error) }).catch(() => undefined);
    await undo.run();
    throw new MoveUndone(migration, error);
  } finally {
    clearTimeout(timer);
  }
};

/** The record says that the target lives: tells it so, and puts the source behind its fence. */
const handOver = async (
  ports: SourcePorts,
  kit: Equipment,
  done: { committed: Migration; held: Held; commitMs: number },
): Promise<Migration> => {
  const { channel, container } = kit;
  const { facts, network } = container;
  const told = performance.now();
  const released = channel
    .say({ say: 'committed' })
    .then(() => channel.expect('released', AbortSignal.timeout(releaseLimitMs)))
    .then(() => performance.now())
    .catch((error: unknown) => {
      ports.log.warn({ error }, 'The target did not confirm its release; it reads the commit from the record');
      return undefined;
    });
  await fence(ports.routes, { podUID: facts.podUID, sandboxID: facts.sandboxID, hostVeth: network.hostVeth });
  await writeJournal(ports, kit, true); // stays until the source has gone
  ports.routes.follow(network.address.ip, done.committed.status?.target?.nodeName ?? '');
  const releasedAt = await released;
  ports.log.info({ criuMs: await readDuration(join(kit.image.logs, 'dump.log')) }, 'CRIU dumped a container');
  if (releasedAt === undefined) return done.committed;
  const timings = {
    ...done.held.timings,
    commitMs: done.commitMs,
    releaseMs: Math.round(releasedAt - told),
    freezeMs: Math.round(releasedAt - done.held.frozenAt),
  };
  return { ...done.committed, status: { ...done.committed.status, phase: 'Committed', timings } };
};

/**
 * The source's side of a move whose target stands at the rendezvous.
 *
 * @param signal aborts a move that has not committed; then, as after any fault,
 *   the source runs again before this rejects with {@link MoveUndone}.
 * @param process ends with the process: a commit in doubt is settled whatever else happens.
 * @returns the committed record, with timings that the API server does not have yet. The source is fenced.
 */
export const moveSource = async (
  ports: SourcePorts,
  arrived: Migration,
  signal: AbortSignal,
  process: AbortSignal,
): Promise<Migration> => {
  const moving = await claim(ports, arrived, signal);
  let kit: Equipment;
  try {
    kit = await equip(ports, moving, signal);
  } catch (error) {
    throw new MoveUndone(moving, error); // nothing was touched
  }
  try {
    return await handOver(ports, kit, await moveUntilCommit(ports, kit, signal, process));
  } finally {
    await release(kit, ports);
  }
};
