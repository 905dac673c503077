import { join } from 'node:path';
import type { Migration } from '../../api/migration.ts';
import type { SourceStep, UndoableSourceStep } from '../../migration/source/plan.ts';
import { reach } from '../../failpoint/reach.ts';
import { refuseTooMany } from '../files/walk-limit.ts';
import { readDuration } from '../checkpoint/dump.ts';
import { freezerOf } from '../checkpoint/freezer.ts';
import type { RuncState } from '../runtime/runc-state.ts';
import { removeTables, removeWithTraces } from '../connections/kernel.ts';
import type { TableKind } from '../connections/tables.ts';
import { untilAlone } from './alone.ts';
import { fence } from './fence.ts';
import { Freeze } from './freeze.ts';
import { endHush } from './hush.ts';
import { removeEntry, type SourceEntry, writeEntry } from './journal.ts';
import { endKit, makeKit, type SourceKit } from './kit.ts';
import { mendSockets } from './mend-sockets.ts';
import { unlockNetwork } from './network-lock.ts';
import type { SourcePorts } from './ports.ts';
import { letSignalsThrough } from './signals.ts';

const releaseLimitMs = 10_000;

/** What the steps of one attempt work with, and what they have made. */
export interface SourceWork {
  readonly ports: SourcePorts;
  /** The record as this side knows it. */
  record: Migration;
  /** As it stands in the journal; of another process, as it was found there. */
  entry: SourceEntry | undefined;
  /** Without those that have ended. */
  containers: readonly RuncState[];
  kit: SourceKit | undefined;
  freeze: Freeze | undefined;
  /** When the commit was asked for, and when the target was told of it. */
  askedAt: number;
  toldAt: number;
  commitMs: number;
  /** Undefined when the target has not said that it runs. */
  released: Promise<number | undefined>;
}

interface Doing {
  readonly do: (work: SourceWork, signal: AbortSignal) => Promise<void> | void;
}

interface UndoableDoing extends Doing {
  readonly undo: (work: SourceWork) => Promise<void> | void;
}

/** The commit is no step like the others: what came of it may be unknown (ask.ts). */
type Plain = Exclude<SourceStep, 'ask'>;

export type SourceDoings = {
  readonly [S in Plain]: S extends UndoableSourceStep ? UndoableDoing : Doing;
};

const kitOf = ({ kit }: SourceWork): SourceKit => {
  if (!kit) throw new Error('This process has not connected to the target');
  return kit;
};

const freezeOf = ({ freeze }: SourceWork): Freeze => {
  if (!freeze) throw new Error('This process has not frozen the source');
  return freeze;
};

const entryOf = (ports: SourcePorts, migration: Migration, kit: SourceKit): SourceEntry => {
  const { uid: migrationUID, namespace = '', name } = migration.metadata;
  const { podUID, sandboxID, network, containers } = kit.source;
  return {
    ...{ migrationUID, namespace, name, attempt: migration.status?.attempt ?? 1 },
    ...{ runtime: ports.runtime.name, containers: containers.map(({ runc }) => runc.id), sandboxID, podUID },
    ...{ ip: network.address.ip, hostVeth: network.hostVeth, committed: false },
    network: containers[0]?.runc.network,
  };
};

const claim: Doing = {
  async do(work, signal) {
    const target = work.record.status?.target?.nodeName ?? '';
    const message = `Moving from node ${work.ports.here} to node ${target}`;
    // Before the preparations, not after them: everyone who watches the record looks up at a change, and the freeze
    // should not meet them at it.
    work.record = await work.ports.record.transition(work.record, { to: 'Moving', reason: 'Moving', message }, signal);
  },
};

const connect: UndoableDoing = {
  async do(work, signal) {
    work.kit = await makeKit(work.ports, work.record, signal);
    work.containers = work.kit.source.containers.map(({ runc }) => runc);
  },
  async undo(work) {
    if (work.kit) await endKit(work.kit, work.ports);
    work.kit = undefined;
  },
};

const journal: UndoableDoing = {
  async do(work) {
    work.entry = entryOf(work.ports, work.record, kitOf(work));
    await writeEntry(work.entry);
  },
  undo: ({ record }) => removeEntry(record.metadata.uid),
};

const copy: Doing = {
  async do(work, signal) {
    const { volumes, files, logs, departure, channel, maxFreezeSeconds } = kitOf(work);
    await volumes.writeOut(signal);
    await files.pass('running', signal);
    await departure.tell(channel, signal);
    // What was written while the first pass copied all there is; and it tells how long the look in the freeze will last.
    refuseTooMany(await files.pass('running', signal), maxFreezeSeconds);
    await logs.pass(signal);
  },
};

/** A source that stays silent is not to stay frozen as well. */
const unhush = ({ record, ports }: SourceWork): Promise<void> =>
  endHush(record.metadata.uid).catch((error: unknown) => {
    ports.log.error({ error, migration: record.metadata.name }, 'Could not let a source speak again');
  });

/** Takes what CRIU and we ourselves have put there off the pod's network: both are in the same one for all containers. */
const unlock = async ({ entry, containers }: SourceWork): Promise<void> => {
  const network = entry?.network ?? containers[0]?.network;
  if (network) await unlockNetwork(network);
};

const shut: UndoableDoing = {
  async do(work, signal) {
    const { containers, door } = kitOf(work);
    await untilAlone(work.containers, work.ports.clock, signal);
    for (const { guard } of containers) guard.arm();
    await door.shut(signal);
  },
  undo: unlock,
};

const freeze: UndoableDoing = {
  async do(work, signal) {
    await untilAlone(work.containers, work.ports.clock, signal); // once more: a visitor is no client
    work.freeze = new Freeze(kitOf(work));
    await work.freeze.begin();
  },
  async undo(work) {
    work.freeze?.end();
    if (!work.freeze) await unhush(work);
    for (const { cgroups } of work.containers) freezerOf(cgroups).thaw();
  },
};

const dump: UndoableDoing = {
  do: (work) => freezeOf(work).dump(),
  async undo(work) {
    const isWhole = (await work.freeze?.endDump()) ?? false;
    if (!isWhole) await mendSockets(work.containers, work.ports.log.child({ migration: work.record.metadata.name }));
    await unlock(work);
  },
};

const divert: UndoableDoing = {
  async do(work, signal) {
    await freezeOf(work).divert(signal);
    await work.ports.routes.override(kitOf(work).away);
    freezeOf(work).letAlone();
    freezeOf(work).interfere(await reach(work.ports.points, 'source.diverted', work.record));
  },
  async undo({ ports, entry, freeze: frozen }) {
    if (!entry) return;
    await frozen?.endLetAlone();
    // Before the route, or the source would be given answers of endpoints that nobody has made the Service's.
    await removeTables(['away'], entry.ip).finally(() => ports.routes.release(entry.ip));
  },
};

const send: Doing = { do: (work, signal) => freezeOf(work).send(signal) };

const hold: Doing = { do: (work, signal) => freezeOf(work).awaitHeld(signal) };

const tell: Doing = {
  do(work) {
    const { kit, ports } = work;
    work.toldAt = performance.now();
    if (!kit) return;
    work.released = kit.channel
      .say({ say: 'committed' })
      .then(() => kit.channel.expect('released', AbortSignal.timeout(releaseLimitMs)))
      .then(() => performance.now())
      .catch((error: unknown) => {
        ports.log.warn({ error }, 'The target did not confirm its release; it reads the commit from the record');
        return undefined;
      });
  },
};

const cutOff: Doing = {
  async do(work) {
    const { ports, entry } = work;
    if (entry) {
      await fence(ports.routes, entry);
      for (const id of entry.containers) await letSignalsThrough(id);
    }
    await unhush(work);
  },
};

/** By two clocks of one node, so it is whole only when the target has answered. */
const measure = async ({ freeze: frozen, commitMs, released, toldAt }: SourceWork) => {
  const releasedAt = await released;
  if (!frozen || releasedAt === undefined) return undefined;
  return {
    ...frozen.timings,
    commitMs,
    releaseMs: Math.round(releasedAt - toldAt),
    freezeMs: Math.round(releasedAt - frozen.begunAt),
  };
};

/** The entry stays until the source has gone from the node: whoever finds it cuts the source off again. */
const noteCommit = async ({ entry, containers, ports, record }: SourceWork): Promise<void> => {
  if (!entry) return;
  await (containers.length > 0 ? writeEntry({ ...entry, committed: true }) : removeEntry(entry.migrationUID));
  const node = record.status?.target?.nodeName;
  // Without the record it is the lease that says where the address lives.
  if (node === undefined) await ports.routes.release(entry.ip);
  else ports.routes.follow(entry.ip, node);
};

/** Of its connections to Services, which the target's node follows now. */
const forgetConnections = async ({ entry, kit, ports }: SourceWork): Promise<void> => {
  if (!entry) return;
  // What another process has left may be so old that the pod lives here again.
  const kinds: readonly [TableKind, ...TableKind[]] = kit ? ['away', 'home'] : ['away'];
  await removeWithTraces(kinds, entry.ip).catch((error: unknown) => {
    ports.log.error({ error, migration: entry.name }, 'Could not forget the connections of a pod that has moved away');
  });
};

const conclude: Doing = {
  async do(work) {
    const { ports, kit } = work;
    await noteCommit(work);
    const timings = await measure(work);
    await forgetConnections(work);
    if (timings) work.record = { ...work.record, status: { phase: 'Committed', ...work.record.status, timings } };
    if (!kit) return;
    for (const { name, image } of kit.containers) {
      const criuMs = await readDuration(join(image.logs, 'dump.log'));
      ports.log.info({ container: name, criuMs }, 'CRIU dumped a container');
    }
    await endKit(kit, ports);
    work.kit = undefined;
  },
};

/** Each step of `src/migration/source/plan.ts`, beside the way back. */
export const sourceDoings: SourceDoings = {
  claim,
  connect,
  journal,
  copy,
  shut,
  freeze,
  dump,
  divert,
  send,
  hold,
  tell,
  fence: cutOff,
  conclude,
};
