import { type Migration, phaseOf } from '../../api/migration.ts';
import { ReasonedError } from '../../api/reasons.ts';
import { reach } from '../../failpoint/reach.ts';
import { findingOf } from '../blame.ts';
import type { ArriveRequest } from '../doorbell/request.ts';
import { readAhead } from '../files/mapped.ts';
import { rootfsName } from '../files/roots.ts';
import { type Channel, unlessAborted } from '../transfer/channel.ts';
import type { Message } from '../transfer/frame.ts';
import { expectHello } from '../transfer/hello.ts';
import { arrivalOf } from './arrival.ts';
import type { TargetPorts } from './ports.ts';
import { type Guest, lookAt } from './guest.ts';
import { Party } from './party.ts';
import { openRendezvous, type Rendezvous } from './rendezvous.ts';
import { isRestarted, restartedSince } from './starter.ts';
import { planHold } from '../network/packet-hold.ts';
import { memberOf } from './member.ts';
import { Visit } from './visit.ts';
import { nothingMade } from './work.ts';

const helloLimitMs = 10_000;
const writeAttempts = 5;

/** How long an agent that is to stop waits for what has been promised; less than the grace period of its pod. */
const settleLimitMs = 22_000;

/** The node's part in moves towards it. */
export interface TargetSide {
  /** `transship-runc create` of a target waits; answers it, now or when the image has come. Never throws. */
  onArrive(request: ArriveRequest): void;
  onChange(migration: Migration): void;
  /** Other agents can connect: those that have arrived may say so. */
  begin(): void;
  /** Carries a target through that another process has left. */
  takeOver(visit: Visit): Promise<void>;
  /** Serves one connection of a source's agent; `peer` is the node that its certificate names. */
  serve(channel: Channel, peer: string): Promise<void>;
  close(reason: Error): Promise<void>;
}

/** The root file system of a container that has come. */
const rootOf = ({ roots, entry }: Guest): string =>
  roots.find(({ name }) => name === rootfsName(entry.name))?.path ?? '';

type Hello = Extract<Message, { say: 'hello' }>;

class Side implements TargetSide {
  readonly #ports: TargetPorts;
  /** By the UID of the target pod. */
  readonly #visits = new Map<string, { readonly visit: Visit; readonly done: Promise<void> }>();
  /** Of pods of which not all containers have come, by the UID of the pod. */
  readonly #parties = new Map<string, { readonly party: Party; readonly migrationUID: string }>();
  readonly #process = new AbortController();
  readonly #ready = Promise.withResolvers<undefined>();
  #isStopping = false;

  constructor(ports: TargetPorts) {
    this.#ports = ports;
  }

  onArrive(request: ArriveRequest): void {
    const rendezvous = openRendezvous(request.reply, request.containerID);
    this.#arrive(request, rendezvous, this.#ports.kubelet()).catch(async (error: unknown) => {
      const finding = findingOf(error);
      this.#ports.log.warn({ error, container: request.containerID }, 'Refused a container at the rendezvous');
      rendezvous.refuse(`${finding.reason}: ${finding.message}`);
      await rendezvous.close();
    });
  }

  begin(): void {
    this.#ready.resolve(undefined);
  }

  onChange(migration: Migration): void {
    for (const { visit } of this.#visits.values())
      if (visit.work.entry.migrationUID === migration.metadata.uid) visit.hear(migration);
    for (const [podUID, { migrationUID }] of this.#parties) {
      const isOver = phaseOf(migration) !== 'Preparing' || migration.status?.target?.podUID !== podUID;
      if (migrationUID === migration.metadata.uid && isOver)
        this.#dissolve(podUID, new ReasonedError('RendezvousUnknown', `the Migration is ${phaseOf(migration)}`));
    }
  }

  async serve(channel: Channel, peer: string): Promise<void> {
    try {
      const limit = AbortSignal.timeout(helloLimitMs);
      const hello = await expectHello(channel, { peer, here: this.#ports.here }, limit);
      const visit = await this.#visitFor(hello, peer, limit);
      for (const { guest } of visit.work.members) {
        const paths = hello.mapped.find(({ container }) => container === guest?.entry.name)?.paths ?? [];
        if (guest) await readAhead(rootOf(guest), paths);
      }
      visit.checkStarter();
      await visit.connect(channel);
    } catch (error) {
      this.#ports.log.warn({ error, peer }, 'A connection of a source ended early');
      await channel.say({ say: 'failed', ...findingOf(error) }).catch(() => undefined); // it may be what failed
    }
  }

  takeOver(visit: Visit): Promise<void> {
    return this.#run(visit);
  }

  async close(reason: Error): Promise<void> {
    this.#isStopping = true;
    this.#ready.resolve(undefined);
    for (const { visit } of this.#visits.values()) visit.stop(reason);
    for (const podUID of [...this.#parties.keys()])
      this.#dissolve(podUID, new ReasonedError('AgentStopping', 'the agent of this node is about to stop'));
    const limit = setTimeout(() => this.#process.abort(reason), settleLimitMs);
    await Promise.all([...this.#visits.values()].map(({ done }) => done));
    clearTimeout(limit);
    this.#process.abort(reason);
  }

  /** @param starter the kubelet that has asked for the start. */
  async #arrive(request: ArriveRequest, rendezvous: Rendezvous, starter: string | undefined): Promise<void> {
    await this.#ready.promise;
    if (this.#isStopping) throw new ReasonedError('AgentStopping', 'the agent of this node is about to stop');
    const arrival = await arrivalOf(this.#ports, request, this.#process.signal);
    if (arrival.verdict === 'start') {
      rendezvous.start();
      await rendezvous.close();
      return;
    }
    const { migration } = arrival;
    await reach(this.#ports.points, 'target.arriving', migration);
    // Not the end of the attempt: the kubelet that runs now starts the container once more.
    if (isRestarted(this.#ports, starter)) throw new ReasonedError('RendezvousUnknown', restartedSince);
    const guest = await this.#look(migration, request);
    const { podUID } = guest.bundle;
    this.#refuseSecond(podUID);
    const hold = await planHold(guest.bundle.network, guest.pod);
    rendezvous.lost.throwIfAborted(); // while it was looked at
    this.#ports.log.info({ migration: migration.metadata.name, ...guest.entry }, 'A target came to the rendezvous');
    const party = this.#partyOf(podUID, migration, guest.entry.name);
    const members = party.join({ guest, rendezvous });
    if (!members) return;
    party.handOver();
    this.#parties.delete(podUID);
    const { uid: migrationUID, namespace = '', name } = migration.metadata;
    const entry = {
      ...{ migrationUID, namespace, name, podUID, hold, hostVeth: guest.pod.hostVeth },
      containers: members.map((member) => member.guest.entry),
    };
    const work = {
      ...{ ports: this.#ports, entry, record: migration },
      members: members.map((member) => memberOf(member.guest, member.rendezvous)),
      ...nothingMade,
      ...{ held: [], starter },
    };
    void this.#run(new Visit({ work, record: migration, done: [], isLive: true }));
  }

  /** The kubelet starts a container once more when it has ended, and then the pod comes together anew. */
  #partyOf(podUID: string, migration: Migration, container: string): Party {
    const known = this.#parties.get(podUID)?.party;
    if (known && !known.has(container)) return known;
    this.#dissolve(podUID, new ReasonedError('TargetPodGone', `container ${container} was started once more`));
    const party = new Party(migration, (why) => this.#dissolve(podUID, why));
    this.#parties.set(podUID, { party, migrationUID: migration.metadata.uid });
    return party;
  }

  #dissolve(podUID: string, why: unknown): void {
    const { reason, message } = findingOf(why);
    const party = this.#parties.get(podUID)?.party;
    this.#parties.delete(podUID);
    party?.refuse(`${reason}: ${message}`).catch((error: unknown) => {
      this.#ports.log.warn({ error, pod: podUID }, 'Could not let go of the containers of a target');
    });
  }

  /**
   * What speaks against the guest ends the attempt, and is said there; but not that it is a stranger: the kubelet goes on
   * starting the target of an attempt that was taken back for as long as it has not seen that the pod is gone.
   */
  async #look(migration: Migration, request: ArriveRequest): Promise<Guest> {
    try {
      return await lookAt(migration, request);
    } catch (error) {
      if (findingOf(error).reason !== 'RendezvousUnknown') await this.#refuse(migration, error);
      throw error;
    }
  }

  /** The kubelet has given up the start of the container that waits, and so the attempt: it was restarted itself, perhaps. */
  #refuseSecond(podUID: string): void {
    const first = this.#visits.get(podUID)?.visit;
    if (!first) return;
    const why = new ReasonedError('TargetPodGone', 'the kubelet started the container of the target pod once more');
    first.lose(why);
    throw new ReasonedError('RendezvousUnknown', `another container of pod ${podUID} waits already`);
  }

  async #refuse(migration: Migration, why: unknown): Promise<void> {
    let current = migration;
    for (let attempt = 0; attempt < writeAttempts && phaseOf(current) === 'Preparing'; attempt += 1) {
      try {
        await this.#ports.record.end(current, findingOf(why), { isTargetWaiting: false });
        return;
      } catch (error) {
        this.#ports.log.warn({ error, migration: current.metadata.name }, 'Could not write why a target was refused');
        current = await this.#ports.record.read(current).catch(() => current); // the next attempt tells
      }
    }
  }

  #run(visit: Visit): Promise<void> {
    const { podUID, name } = visit.work.entry;
    const done = visit
      .run(this.#process.signal)
      .catch((error: unknown) => {
        this.#ports.log.error({ error, migration: name }, 'A visit ended with an error that it has not dealt with');
      })
      .finally(() => {
        this.#visits.delete(podUID);
      });
    this.#visits.set(podUID, { visit, done });
    return done;
  }

  /** The source may have heard that the target has arrived before the answer to that very write is here. */
  async #visitFor({ migrationUID }: Hello, peer: string, signal: AbortSignal): Promise<Visit> {
    const ofMove = [...this.#visits.values()].filter(({ visit }) => visit.work.entry.migrationUID === migrationUID);
    await unlessAborted(Promise.all(ofMove.map(({ visit }) => visit.arrived)), signal);
    const found = ofMove.find(({ visit }) => visit.canReceive);
    if (!found)
      throw new ReasonedError(
        'RendezvousUnknown',
        `no target of move ${migrationUID} waits on node ${this.#ports.here}`,
      );
    const expected = found.visit.work.record.status?.source?.nodeName ?? '';
    if (peer !== expected)
      throw new ReasonedError(
        'PeerNotTrusted',
        `The image of this move comes from node ${expected}, but node ${peer} offered one`,
      );
    return found.visit;
  }
}

export const openTargetSide = (ports: TargetPorts): TargetSide => new Side(ports);
