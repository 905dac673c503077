import { join } from 'node:path';
import type { Migration } from '../../api/migration.ts';
import { ReasonedError } from '../../api/reasons.ts';
import type { TargetStep, UndoableTargetStep } from '../../migration/target/plan.ts';
import { reach } from '../../failpoint/reach.ts';
import { isNotFound } from '../../kube/api-error.ts';
import { readComplaints, readDuration } from '../checkpoint/dump.ts';
import { forgetRestore } from '../checkpoint/criu-config.ts';
import { type ImageDirectory, imageDirectory } from '../checkpoint/image-directory.ts';
import { receiveTree } from '../files/receive.ts';
import { beginHold, endHold, endHoldOfLiving, letGo } from '../network/packet-hold.ts';
import { openPulse, type Pulse } from '../transfer/alive.ts';
import { type Channel, nextOf } from '../transfer/channel.ts';
import { type OnTree, receiveImage } from '../transfer/receive-image.ts';
import { removeEntry, type TargetEntry, writeEntry } from './journal.ts';
import type { TargetPorts } from './ports.ts';
import type { Rendezvous } from './rendezvous.ts';
import { type Guest, leadHome, prepareRestore } from './standing.ts';
import { checkStarter } from './starter.ts';
import { takenOver } from './take-over.ts';
import { continueTree, killTree, processesOf } from './tree.ts';

/** What the steps of one target work with. */
export interface TargetWork {
  readonly ports: TargetPorts;
  readonly entry: TargetEntry;
  readonly rendezvous: Rendezvous;
  readonly image: ImageDirectory;
  /** Undefined for what another process has left. */
  readonly guest: Guest | undefined;
  record: Migration;
  channel: Channel | undefined;
  pulse: Pulse | undefined;
  /** Said to the container when it is refused. */
  refusal: string;
  held: readonly number[];
  /** The kubelet that has asked for the start of the container; undefined when that is not known. */
  readonly starter: string | undefined;
  /** How long the runtime took to call the restored container its own. */
  takeOverMs?: number;
}

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

const treesInto =
  ({ guest }: TargetWork, channel: Channel, signal: AbortSignal): OnTree =>
  (tree) =>
    receiveTree(channel, guest?.roots ?? [], tree, signal);

/** A restore takes tenths of a second; the image may be large. */
const settleLimitMs = 10_000;

const journal: UndoableDoing = {
  do: ({ entry }) => writeEntry(entry),
  undo: ({ entry }) => removeEntry(entry.podUID),
};

const stand: UndoableDoing = {
  async do({ ports, entry, guest, image }) {
    if (!guest) return;
    await leadHome(ports, guest.pod);
    await prepareRestore(ports, guest);
    await beginHold(entry.hold);
    await image.make();
  },
  async undo({ rendezvous, refusal, image, entry }) {
    rendezvous.refuse(refusal);
    await image.remove();
    await forgetRestore(entry.containerID);
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
      containerID: entry.containerID,
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
    const onTree = treesInto(work, channel, signal);
    for (;;) {
      const message = await nextOf(channel, ['tree', 'frozen'], signal);
      if (message.say === 'frozen') break;
      await onTree(message);
    }
    work.pulse = openPulse(channel, ports.clock);
    await ports.routes.override({ ip: entry.hold.ip, toPod: { device: entry.hold.device } });
    await reach(ports.points, 'target.routed', work.record);
    await channel.say({ say: 'routed' }, signal);
  },
  async undo(work) {
    work.pulse?.close();
    await work.ports.routes.release(work.entry.hold.ip);
  },
};

const receive: UndoableDoing = {
  async do(work, signal) {
    const channel = channelOf(work);
    await receiveImage(channel, work.image.path, treesInto(work, channel, signal), signal);
  },
  async undo({ image }) {
    await image.remove();
    await image.make();
  },
};

const restore: UndoableDoing = {
  async do(work, signal) {
    const { rendezvous, image, ports, record, entry } = work;
    checkStarter(work);
    const restoring = rendezvous.restore(image.path, signal);
    restoring.catch(() => undefined); // awaited below
    await reach(ports.points, 'target.restoring', record);
    const code = await restoring;
    if (code === 0) {
      work.takeOverMs = await takenOver(work, entry.containerID, signal);
      return;
    }
    const complaints = await readComplaints(join(image.logs, 'restore.log'));
    throw new ReasonedError(
      'RestoreFailed',
      complaints || `runc restore ended with ${code}; the log of containerd or dockerd has its words`,
    );
  },
  async undo({ ports, entry, rendezvous }) {
    // Its dying sockets would say FIN or RST to clients of the source, which has the same connections.
    await ports.routes.apply(`link set dev ${entry.hostVeth} down`).catch((error: unknown) => {
      ports.log.info({ error, migration: entry.name }, 'The link of a target that is taken back is gone already');
    });
    await rendezvous.settled(AbortSignal.timeout(settleLimitMs)).catch((error: unknown) => {
      ports.log.error({ error, migration: entry.name }, 'A restore that is taken back does not end');
    });
    await killTree(ports, entry.containerID);
  },
};

const promise: Doing = {
  async do(work) {
    work.held = await processesOf(work.ports, work.entry.containerID);
    await channelOf(work).say({ say: 'held' });
    work.pulse?.close();
  },
};

const release: Doing = {
  async do(work) {
    const { ports, entry, channel } = work;
    const held = work.held.length > 0 ? work.held : await processesOf(ports, entry.containerID);
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
  async do({ ports, entry, image, takeOverMs }) {
    ports.routes.follow(entry.hold.ip, ports.here);
    const criuMs = await readDuration(join(image.logs, 'restore.log'));
    ports.log.info({ migration: entry.name, criuMs, takeOverMs }, 'CRIU restored a container');
    await image.remove(); // first: it is the memory of a program
    await endHoldOfLiving(entry.hold);
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

export const imageOf = (entry: TargetEntry): ImageDirectory => imageDirectory(entry.image);
