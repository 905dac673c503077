import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ReasonedError } from '../../api/reasons.ts';
import type { TargetStep, UndoableTargetStep } from '../../migration/target/plan.ts';
import { reach } from '../../failpoint/reach.ts';
import { isNotFound } from '../../kube/api-error.ts';
import { forgetRestore } from '../checkpoint/criu-config.ts';
import { readDuration } from '../checkpoint/dump.ts';
import { together } from '../files/roots.ts';
import { openFileSink } from '../files/receive.ts';
import type { Life } from '../files/vanished.ts';
import { receiveLog } from '../logs/receive-log.ts';
import { endReception, openReception, takeLeave } from '../connections/reception.ts';
import { endsProgram, waitingDirectory } from '../host/paths.ts';
import { freeLoopback, holdLoopback } from '../network/loopback-hold.ts';
import { beginHold, endHold, endHoldOfLiving, letGo } from '../network/packet-hold.ts';
import { handOut } from '../sockets/handing.ts';
import { openHolder } from '../sockets/holder.ts';
import { openPulse } from '../transfer/alive.ts';
import { type Channel, nextOf, unlessAborted } from '../transfer/channel.ts';
import { type OnBeside, receiveImages } from '../transfer/receive-image.ts';
import { removeEntry, writeEntry } from './journal.ts';
import { endWaiting, heldProcesses, restoreOne } from './restored-member.ts';
import { leadHome, prepareRestores } from './standing.ts';
import { checkStarter } from './starter.ts';
import { takenOver } from './take-over.ts';
import type { TargetWork } from './work.ts';
import { continueTree, killTree, processesOf } from './tree.ts';

interface Doing {
  readonly do: (work: TargetWork, signal: AbortSignal) => Promise<void> | void;
}

interface UndoableDoing extends Doing {
  readonly undo: (work: TargetWork) => Promise<void> | void;
}

export type TargetDoings = {
  readonly [S in TargetStep]: S extends UndoableTargetStep ? UndoableDoing : Doing;
};

const channelOf = ({ channel }: TargetWork): Channel => {
  if (!channel) throw new ReasonedError('StreamTruncated', 'the agent of the source is not connected');
  return channel;
};

/** Takes files and logs to where they belong. */
const besides = (work: TargetWork, life: Life, channel: Channel, signal: AbortSignal): OnBeside => {
  const { members, ports } = work;
  const sink = (work.sink ??= openFileSink(together(members.map(({ guest }) => guest?.roots ?? []))));
  return (message) => {
    if (message.say === 'tree') return sink.take(channel, message, life, signal);
    const guest = members.find(({ name }) => name === message.container)?.guest;
    return receiveLog(channel, guest?.log, message, { log: ports.log, signal });
  };
};

const endSink = (work: TargetWork): void => {
  work.sink?.close();
  work.sink = undefined;
};

/** Resolves when it changes nothing any more. */
const endReceiving = async (work: TargetWork): Promise<void> => {
  await work.reception?.settled().catch(() => undefined); // the restore has told
  work.reception?.close();
  work.reception = undefined;
};

/** A restore takes tenths of a second; the image may be large. */
const settleLimitMs = 10_000;

const journal: UndoableDoing = {
  do: ({ entry }) => writeEntry(entry),
  undo: ({ entry }) => removeEntry(entry.podUID),
};

const isShared = ({ entry }: TargetWork): boolean => entry.containers.length > 1;

/** A socket is closed only when nobody has it any more: the restored processes are to be the only ones. */
const endHolder = (work: TargetWork): void => {
  work.holder?.close();
  work.holder = undefined;
};

const stand: UndoableDoing = {
  async do(work) {
    const { ports, entry, members } = work;
    const guests = members.flatMap(({ guest }) => guest ?? []);
    const [first] = guests;
    if (!first) return;
    await leadHome(ports, first.pod);
    await prepareRestores(ports, guests);
    await beginHold(entry.hold);
    if (isShared(work)) {
      work.loopback = await holdLoopback(entry.hold.network);
      work.holder = openHolder(entry.hold.network, endsProgram);
    }
    for (const { image } of members) await image.make();
  },
  async undo(work) {
    const { members, refusal, entry } = work;
    for (const { rendezvous } of members) rendezvous.refuse(refusal);
    for (const { image, id } of members) {
      await image.remove();
      await forgetRestore(id);
      await rm(join(waitingDirectory, id), { force: true });
    }
    endHolder(work);
    work.loopback?.close();
    if (isShared(work)) await freeLoopback(entry.hold.network);
    await endHold(entry.hold);
  },
};

const arrive: Doing = {
  async do(work, signal) {
    const { ports, entry, record } = work;
    const target = {
      podName: '',
      ...record.status?.target,
      runtime: ports.engine,
      containers: entry.containers.map(({ name, id }) => ({ name, id })),
    };
    const message = `Target pod ${target.podName} waits on node ${ports.here} for the image`;
    work.record = await ports.record.transition(
      record,
      { to: 'Arrived', reason: 'TargetArrived', message, fields: { target } },
      signal,
    );
  },
};

/** Takes files for as long as the source runs; when it stands still, packets begin to wait here. */
const divert: UndoableDoing = {
  async do(work, signal) {
    const { ports, entry } = work;
    const channel = channelOf(work);
    const onBeside = besides(work, 'running', channel, signal);
    const reception = (work.reception = openReception(entry.hold.ip, entry.hold.device));
    for (;;) {
      const message = await nextOf(channel, ['tree', 'log', 'connections', 'frozen'], signal);
      if (message.say === 'frozen') break;
      if (message.say === 'connections') await unlessAborted(reception.take(message.connections), signal);
      else await onBeside(message);
    }
    work.pulse = openPulse(channel, ports.clock);
    await ports.routes.override({ ip: entry.hold.ip, toPod: { device: entry.hold.device } });
    await reach(ports.points, 'target.routed', work.record);
    await channel.say({ say: 'routed' }, signal);
  },
  async undo(work) {
    work.pulse?.close();
    endSink(work);
    await endReceiving(work);
    await work.ports.routes.release(work.entry.hold.ip);
    await takeLeave(work.entry.hold.ip);
  },
};

const receive: UndoableDoing = {
  async do(work, signal) {
    const channel = channelOf(work);
    const places = work.members.map(({ name, image }) => ({ container: name, directory: image.path }));
    await receiveImages(channel, places, besides(work, 'frozen', channel, signal), signal);
    endSink(work);
  },
  async undo({ members }) {
    for (const { image } of members) {
      await image.remove();
      await image.make();
    }
  },
};

/** The runtime has had the others since processes stood in for them. */
const lastOf = ({ entry }: TargetWork): string => entry.containers.at(-1)?.id ?? '';

const restore: UndoableDoing = {
  async do(work, signal) {
    const { members, ports, record } = work;
    checkStarter(work);
    await unlessAborted(work.reception?.settled() ?? Promise.resolve(), signal); // a restored socket probes its peer
    if (work.holder) await handOut(members, work.holder, endsProgram, signal);
    const restoring = Promise.all(members.map((member) => restoreOne(member, signal)));
    restoring.catch(() => undefined); // awaited below
    await reach(ports.points, 'target.restoring', record);
    await restoring;
    endHolder(work);
    work.takeOverMs = await takenOver(work, lastOf(work), signal);
  },
  async undo({ ports, entry, members }) {
    // Its dying sockets would say FIN or RST to clients of the source, which has the same connections.
    await ports.routes.apply(`link set dev ${entry.hostVeth} down`).catch((error: unknown) => {
      ports.log.info({ error, migration: entry.name }, 'The link of a target that is taken back is gone already');
    });
    const limit = AbortSignal.timeout(settleLimitMs);
    await Promise.all(members.map(({ rendezvous }) => rendezvous.settled(limit))).catch((error: unknown) => {
      ports.log.error({ error, migration: entry.name }, 'A restore that is taken back does not end');
    });
    for (const { id } of members) await killTree(ports, id);
  },
};

const promise: Doing = {
  async do(work) {
    work.held = await heldProcesses(work.ports, work.members);
    await channelOf(work).say({ say: 'held' });
    work.pulse?.close();
  },
};

/** The containers of a pod may speak with each other before they run, or the first word of one would be lost. */
const freePeers = async (work: TargetWork): Promise<void> => {
  if (!isShared(work)) return;
  await (work.loopback?.letGo() ?? freeLoopback(work.entry.hold.network));
  work.loopback = undefined;
};

const release: Doing = {
  async do(work) {
    const { ports, entry, channel, members } = work;
    const trees = () => Promise.all(members.map(({ id }) => processesOf(ports, id)));
    const held = work.held.length > 0 ? work.held : (await trees()).flat();
    await freePeers(work).catch((error: unknown) => {
      ports.log.error({ error, migration: entry.name }, 'Could not let the containers of a pod reach each other');
    });
    for (const member of members) endWaiting(member);
    continueTree(held);
    await ports.routes.apply(...letGo(entry.hold));
    await channel?.say({ say: 'released' }).catch(() => undefined); // it only takes the time
    ports.log.info({ migration: entry.name }, 'Released a target');
  },
};

const note: Doing = {
  async do(work, signal) {
    const { ports } = work;
    const current = await ports.record.read(work.record, signal).catch((error: unknown) => {
      if (isNotFound(error)) return undefined; // removed by force: nobody is left to tell
      throw error;
    });
    const target = current?.status?.target;
    if (!target || target.releaseTime !== undefined) return;
    const releaseTime = new Date(ports.clock.now()).toISOString();
    work.record = await ports.record.note(current, undefined, { target: { ...target, releaseTime } }, signal);
  },
};

const tidy: Doing = {
  async do(work) {
    const { ports, entry, members, takeOverMs } = work;
    await endReceiving(work);
    ports.routes.follow(entry.hold.ip, ports.here);
    for (const { name, image } of members) {
      const criuMs = await readDuration(join(image.logs, 'restore.log'));
      ports.log.info({ migration: entry.name, container: name, criuMs, takeOverMs }, 'CRIU restored a container');
      await image.remove(); // first: it is the memory of a program
    }
    await endHoldOfLiving(entry.hold);
    await endReception(entry.hold.ip);
    await removeEntry(entry.podUID);
  },
};

/** Each step of `src/migration/target/plan.ts`, beside the way back. */
export const targetDoings: TargetDoings = {
  journal,
  stand,
  arrive,
  divert,
  receive,
  restore,
  promise,
  release,
  note,
  tidy,
};
