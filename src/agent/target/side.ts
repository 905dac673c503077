import { type Migration, phaseOf } from '../../api/migration.ts';
import { isCommitted, isFinished } from '../../api/phase.ts';
import { ReasonedError } from '../../api/reasons.ts';
import { join } from 'node:path';
import { findingOf } from '../blame.ts';
import { readDuration } from '../checkpoint/dump.ts';
import type { ArriveRequest, RestoredRequest } from '../doorbell/request.ts';
import { readAhead } from '../files/mapped.ts';
import { reply } from '../doorbell/reply.ts';
import { openPulse } from '../transfer/alive.ts';
import { asExpected, type Channel } from '../transfer/channel.ts';
import { expectHello } from '../transfer/hello.ts';
import { Undo } from '../undo.ts';
import { arrivalOf } from './arrival.ts';
import type { TargetPorts } from './ports.ts';
import { receiveAndHold, receiveUntilFrozen } from './receive.ts';
import { continueTree, heldProcesses, stand, type Standing } from './standing.ts';

const helloLimitMs = 10_000;
const decisionLimitMs = 60_000;

/** The node's part in moves towards it. */
export interface TargetSide {
  /** `transship-runc create` of a target waits; answers it, now or when the image has come. Never throws. */
  onArrive(request: ArriveRequest): void;
  onRestored(request: RestoredRequest): void;
  onChange(migration: Migration): void;
  /** Serves one connection of a source's agent; `peer` is the node that its certificate names. */
  serve(channel: Channel, peer: string): Promise<void>;
  close(reason: Error): Promise<void>;
}

interface Visit {
  readonly standing: Standing;
  readonly undo: Undo;
  readonly abort: AbortController;
  /** The restored processes, once there are any. */
  held?: readonly number[];
  over: boolean;
}

const rootfsOf = ({ roots }: Standing): string => roots.find((r) => r.name === 'rootfs')?.path ?? '';

class Side implements TargetSide {
  readonly #ports: TargetPorts;
  readonly #visits = new Map<string, Visit>();
  readonly #process = new AbortController();

  constructor(ports: TargetPorts) {
    this.#ports = ports;
  }

  onArrive(request: ArriveRequest): void {
    this.#arrive(request).catch(async (error: unknown) => {
      const finding = findingOf(error);
      this.#ports.log.warn({ error, container: request.containerID }, 'Refused a container at the rendezvous');
      await reply(request.reply, `fail ${finding.reason}: ${finding.message}`);
    });
  }

  onRestored(request: RestoredRequest): void {
    this.#visits.get(request.migrationUID)?.standing.restored(request.code);
  }

  onChange(migration: Migration): void {
    const visit = this.#visits.get(migration.metadata.uid);
    if (!visit || visit.over) return;
    const phase = phaseOf(migration);
    if (isCommitted(phase) && visit.held) void this.#release(visit, migration);
    if (isFinished(phase) && !isCommitted(phase)) {
      const why = new ReasonedError(
        'CancelRequested',
        `Migration ${migration.metadata.name} is ${phase}: ${migration.status?.message ?? ''}`,
      );
      void this.#giveUp(migration.metadata.uid, visit, why);
    }
  }

  async serve(channel: Channel, peer: string): Promise<void> {
    let visit: Visit | undefined;
    try {
      const hello = await expectHello(channel, { peer, here: this.#ports.here }, AbortSignal.timeout(helloLimitMs));
      visit = this.#visitFor(hello, peer);
      await readAhead(rootfsOf(visit.standing), hello.mapped);
      await channel.say({ say: 'ready' });
      const signal = AbortSignal.any([visit.abort.signal, this.#process.signal]);
      await receiveUntilFrozen(visit.standing, channel, signal);
      await this.#hold(visit, channel, signal);
      asExpected(await channel.next(AbortSignal.any([signal, AbortSignal.timeout(decisionLimitMs)])), 'committed');
      await this.#release(visit, visit.standing.migration);
      await channel.say({ say: 'released' });
    } catch (error) {
      await this.#afterFault(channel, visit, error);
    }
  }

  async close(reason: Error): Promise<void> {
    this.#process.abort(reason);
    // Held trees stay held: the next process learns from the record what becomes of them.
    const waiting = [...this.#visits].filter(([, visit]) => !visit.held);
    await Promise.all(waiting.map(([uid, visit]) => this.#giveUp(uid, visit, reason)));
  }

  async #hold(visit: Visit, channel: Channel, signal: AbortSignal): Promise<void> {
    const pulse = openPulse(channel, this.#ports.clock);
    try {
      await receiveAndHold(this.#ports, visit, channel, signal);
      // Before the source hears of it: from then on the move may have committed, and only the record may end the tree.
      visit.held = await heldProcesses(this.#ports, visit.standing.containerID);
      await channel.say({ say: 'held' });
    } finally {
      pulse.close();
    }
  }

  async #arrive(request: ArriveRequest): Promise<void> {
    const arrival = await arrivalOf(this.#ports, request, this.#process.signal);
    if (arrival.verdict === 'start') {
      await reply(request.reply, 'start');
      return;
    }
    const undo = new Undo(this.#ports.log);
    try {
      const standing = await stand(this.#ports, arrival.migration, request, undo);
      this.#visits.set(request.migrationUID, {
        standing,
        undo,
        abort: new AbortController(),
        over: false,
      });
      const { name } = arrival.migration.metadata;
      const message = `Target pod ${arrival.migration.status?.target?.podName ?? ''} waits on node ${this.#ports.here} for the image`;
      const target = {
        ...arrival.migration.status?.target,
        podName: arrival.migration.status?.target?.podName ?? '',
        runtime: this.#ports.engine,
        containerID: request.containerID,
      };
      await this.#ports.record.transition(arrival.migration, {
        to: 'Arrived',
        finding: { reason: 'TargetArrived', message },
        change: { target },
      });
      this.#ports.log.info({ migration: name, container: request.containerID }, 'A target arrived at the rendezvous');
    } catch (error) {
      this.#visits.delete(request.migrationUID);
      await undo.run();
      await this.#fail(arrival.migration, error);
      throw error;
    }
  }

  #visitFor(hello: { readonly migrationUID: string }, peer: string): Visit {
    const visit = this.#visits.get(hello.migrationUID);
    if (!visit)
      throw new ReasonedError(
        'RendezvousUnknown',
        `No target of move ${hello.migrationUID} waits on node ${this.#ports.here}`,
      );
    const expected = visit.standing.migration.status?.source?.nodeName ?? '';
    if (peer !== expected)
      throw new ReasonedError(
        'PeerNotTrusted',
        `The image of this move comes from node ${expected}, but node ${peer} offered one`,
      );
    return visit;
  }

  /** A broken connection decides nothing once the tree is held: the record does, and `onChange` tells it. */
  async #afterFault(channel: Channel, visit: Visit | undefined, error: unknown): Promise<void> {
    this.#ports.log.warn(
      { error, migration: visit?.standing.migration.metadata.name },
      'A connection of a source ended early',
    );
    if (visit?.over) return;
    const finding = findingOf(error);
    await channel.say({ say: 'failed', ...finding }).catch(() => undefined); // the source may be what failed
    channel.close();
    if (!visit) return;
    const { migration } = visit.standing;
    if (!visit.held) await this.#giveUp(migration.metadata.uid, visit, error);
    else this.onChange(await this.#ports.record.read(migration).catch(() => migration)); // a watch tells it later
  }

  async #release(visit: Visit, migration: Migration): Promise<void> {
    if (visit.over) return;
    visit.over = true;
    const { standing } = visit;
    continueTree(visit.held ?? []);
    await this.#ports.routes.apply(...standing.hold.letGo);
    this.#ports.log.info({ migration: migration.metadata.name }, 'Released a target');
    void this.#tidy(visit, migration);
  }

  /** What can wait until the pod runs. */
  async #tidy(visit: Visit, migration: Migration): Promise<void> {
    const { standing } = visit;
    try {
      this.#ports.routes.follow(standing.ip, this.#ports.here);
      await standing.hold.restore();
      const criuMs = await readDuration(join(standing.image.logs, 'restore.log'));
      this.#ports.log.info({ migration: migration.metadata.name, criuMs }, 'CRIU restored a container');
      await standing.image.remove();
      this.#visits.delete(migration.metadata.uid);
    } catch (error) {
      this.#ports.log.warn({ error, migration: migration.metadata.name }, 'Could not tidy up after a release');
    }
  }

  async #giveUp(uid: string, visit: Visit, why: unknown): Promise<void> {
    if (visit.over) return;
    visit.over = true;
    this.#visits.delete(uid);
    visit.abort.abort(why);
    const { reason, message } = findingOf(why);
    await visit.standing.refuse(`${reason}: ${message}`);
    await visit.undo.run();
    await this.#fail(visit.standing.migration, why);
  }

  async #fail(migration: Migration, why: unknown): Promise<void> {
    try {
      const current = await this.#ports.record.read(migration);
      const phase = phaseOf(current);
      // While the phase is Moving the source's agent owns the record, and has been told.
      if (phase !== 'Preparing' && phase !== 'Arrived') return;
      await this.#ports.record.transition(current, { to: 'Failed', finding: findingOf(why) });
    } catch (error) {
      this.#ports.log.warn(
        { error, migration: migration.metadata.name },
        'Could not write the failure of a move; the controller will at its deadline',
      );
    }
  }
}

export const openTargetSide = (ports: TargetPorts): TargetSide => new Side(ports);
