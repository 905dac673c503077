import { type Migration, phaseOf } from '../../api/migration.ts';
import { ReasonedError } from '../../api/reasons.ts';
import { reach } from '../../failpoint/reach.ts';
import { isNotFound } from '../../kube/api-error.ts';
import type { Details } from '../../trace/event.ts';
import { moveIn } from '../../trace/record.ts';
import { laterOf, type Verdict } from '../../migration/status.ts';
import { decideTarget, type TargetAct, type TargetFacts, targetRules } from '../../migration/target/decide.ts';
import {
  afterCommit,
  type TargetStep,
  targetWay,
  together,
  type UndoableTargetStep,
} from '../../migration/target/plan.ts';
import { findingOf } from '../blame.ts';
import { asExpected, type Channel } from '../transfer/channel.ts';
import { pointOf } from './points.ts';
import { checkStarter } from './starter.ts';
import { targetDoings } from './steps.ts';
import type { TargetWork } from './work.ts';

const lookAgainMs = 1_000;
const readAgainMs = 500;

export interface Visited {
  readonly work: TargetWork;
  readonly record: Migration | undefined;
  readonly done: readonly TargetStep[];
  readonly isLive: boolean;
}

/**
 * One target on this node, from the rendezvous until it runs or has been taken
 * back: carries out what `decideTarget` says. It also brings back what another
 * process has left, as that same decision says from the journal and the record.
 */
export class Visit {
  readonly #work: TargetWork;
  readonly #isLive: boolean;
  #done: ReadonlySet<TargetStep>;
  #record: Migration | 'gone' | undefined;
  #fault: Verdict | undefined;
  #isToldCommitted = false;
  #isConnected = false;
  #isStopping = false;
  #connection = new AbortController();
  /** Aborts what is before the promise when the attempt is over. */
  readonly #abort = new AbortController();
  #wake = Promise.withResolvers<undefined>();
  readonly #arrival = Promise.withResolvers<undefined>();

  constructor({ work, record, done, isLive }: Visited) {
    this.arrived = this.#arrival.promise;
    this.#work = work;
    this.#record = record;
    this.#done = new Set(done);
    this.#isLive = isLive;
    if (!isLive) this.#arrival.resolve(undefined); // nobody can connect to what another process has left
  }

  get work(): TargetWork {
    return this.#work;
  }

  /** Resolves when the record says that it has arrived and this side knows it, or never will. */
  readonly arrived: Promise<undefined>;

  get canReceive(): boolean {
    return this.#isLive && this.#done.has('arrive') && !this.#isConnected && !this.#done.has('restore');
  }

  #facts(): TargetFacts {
    return {
      record: this.#record,
      podUID: this.#work.entry.podUID,
      done: this.#done,
      isToldCommitted: this.#isToldCommitted,
      isConnected: this.#isConnected,
      isLive: this.#isLive,
      fault: this.#fault,
      isStopping: this.#isStopping,
    };
  }

  #count(step: TargetStep): void {
    this.#done = new Set([...this.#done, step]);
  }

  #noteArrival(): void {
    this.#record = this.#work.record;
    this.#arrival.resolve(undefined);
  }

  #rouse(): void {
    this.#wake.resolve(undefined);
  }

  hear(heard: Migration): void {
    if (this.#record !== 'gone') this.#record = this.#record ? laterOf(this.#record, heard) : heard;
    if (targetRules.standing(this.#facts()) === 'closed') {
      const { phase = '', message = '' } = heard.status ?? {};
      this.#abort.abort(new ReasonedError('RendezvousUnknown', `the Migration is ${phase}: ${message}`));
    }
    this.#rouse();
  }

  stop(reason: Error): void {
    this.#isStopping = true;
    if (!this.#done.has('promise')) this.#abort.abort(new ReasonedError('AgentStopping', reason.message));
    this.#rouse();
  }

  /** The source's agent has come. Resolves when there is nothing more to hear from it. */
  async connect(channel: Channel): Promise<void> {
    this.#connection = new AbortController();
    this.#work.channel = channel;
    this.#isConnected = true;
    await channel.say({ say: 'ready' });
    this.#rouse();
    const { signal } = this.#connection;
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  }

  /** Before the source is frozen. Throws TargetNotStarted when the start of the container has been given up. */
  checkStarter(): void {
    try {
      checkStarter(this.#work);
    } catch (error) {
      this.lose(error);
      throw error;
    }
  }

  #part(): void {
    this.#isConnected = false;
    this.#connection.abort(new Error('parted'));
    this.#rouse();
  }

  /** @param process its end leaves a promised target held: the next process asks the record. */
  async run(process: AbortSignal): Promise<void> {
    process.addEventListener('abort', () => this.#rouse(), { once: true });
    for (const { rendezvous } of this.#work.members)
      rendezvous.lost.addEventListener('abort', () => this.lose(rendezvous.lost.reason), { once: true });
    while (!process.aborted) {
      const act = decideTarget(this.#facts());
      if (act.act === 'over') break;
      await this.#perform(act, process);
    }
    this.#arrival.resolve(undefined);
    this.#part();
    for (const { rendezvous } of this.#work.members) await rendezvous.close();
  }

  /** The container that was to be restored is not started any more; the kubelet makes another, for another attempt. */
  lose(why: unknown): void {
    if (this.#done.has('promise')) return; // only the record decides
    this.#fault ??= findingOf(why);
    this.#abort.abort(why);
    this.#rouse();
  }

  async #perform(act: Exclude<TargetAct, { act: 'over' }>, process: AbortSignal): Promise<void> {
    if (act.act === 'do') await this.#do(act.step, process);
    else if (act.act === 'undo') await this.#undo(act.step);
    else if (act.act === 'close') await this.#write(() => this.#end(act.verdict, process), process);
    else if (act.act === 'lose') await this.#write(() => this.#lose(process), process);
    else if (act.act === 'wait') await this.#wait(process);
    else await this.#read(process);
  }

  async #do(step: TargetStep, process: AbortSignal): Promise<void> {
    // So does the promise: a source that has heard it may commit, whatever else comes of it here.
    if (targetWay.isUndoable(step) || step === 'promise') this.#count(step);
    if (this.#record && this.#record !== 'gone') this.#work.record = this.#record;
    try {
      const isFinal = afterCommit.includes(step);
      await targetDoings[step].do(this.#work, isFinal ? process : this.#abort.signal);
      this.#count(step);
      if (step === 'arrive') this.#noteArrival();
      if (step === 'promise') this.#listen();
      const point = pointOf[step];
      if (point) await reach(this.#work.ports.points, point, this.#work.record);
    } catch (error) {
      const { name } = this.#work.entry;
      this.#work.ports.log.warn({ error, migration: name, step }, 'A step towards a target failed');
      this.#note(`fails to ${step}`, { reason: findingOf(error).reason });
      await this.#fail(error, step, process);
    }
  }

  async #fail(error: unknown, step: TargetStep, process: AbortSignal): Promise<void> {
    if (afterCommit.includes(step)) {
      // There is no way back, and another writer may only have been first: it is done again, after a moment.
      if (step === 'note') await this.#sleep(readAgainMs, process);
      else this.#count(step);
      return;
    }
    const finding = findingOf(error);
    // Before the restore a connection that ends takes nothing with it: the source may come again.
    const isOfConnection = together.includes(step) && step !== 'restore' && step !== 'promise' && this.#isBroken(error);
    if (!isOfConnection) {
      this.#fault ??= finding;
      this.#work.channel?.say({ say: 'failed', ...finding }).catch(() => undefined); // it may be what failed
    }
    this.#part();
  }

  /** The source has gone, or has said that its attempt failed; what it sent was sound. */
  #isBroken(error: unknown): boolean {
    const own: readonly string[] = ['StreamMalformed', 'StreamCorrupted', 'AgentStopping'];
    return error instanceof ReasonedError && !own.includes(error.reason) && !this.#abort.signal.aborted;
  }

  /** A broken connection decides nothing once the target is promised: the record does. */
  #listen(): void {
    const { channel } = this.#work;
    channel
      ?.next(this.#connection.signal)
      .then((frame) => {
        asExpected(frame, 'committed');
        this.#isToldCommitted = true;
        this.#rouse();
      })
      .catch(() => this.#rouse());
  }

  async #undo(step: UndoableTargetStep): Promise<void> {
    const { reason, message } = this.#fault ?? this.#closing();
    this.#work.refusal = `${reason}: ${message}`;
    if (!together.includes(step) || this.#fault) this.#part();
    try {
      await targetDoings[step].undo(this.#work);
      this.#work.ports.log.info({ migration: this.#work.entry.name, step }, 'Took back a step towards a target');
      this.#note(`takes back "${step}"`);
    } catch (error) {
      const { name } = this.#work.entry;
      this.#work.ports.log.error({ error, migration: name, step }, 'Could not take back a step towards a target');
    }
    this.#done = targetWay.upTo(step, this.#done);
    if (step === 'restore') this.#fault ??= { reason: 'TargetPodGone', message: 'the restored target was taken back' };
  }

  #note(label: string, fields?: Details): void {
    this.#work.ports.tracer.note(moveIn(this.#work.record), label, fields);
  }

  #closing(): Verdict {
    const { record } = this.#work;
    const message = `Migration ${record.metadata.name} is ${phaseOf(record)}: ${record.status?.message ?? ''}`;
    return { reason: 'RendezvousUnknown', message };
  }

  async #end(verdict: Verdict, process: AbortSignal): Promise<Migration | undefined> {
    const known = this.#record;
    if (!known || known === 'gone') return undefined;
    return this.#work.ports.record.end(known, verdict, { isTargetWaiting: false }, process);
  }

  async #lose(process: AbortSignal): Promise<Migration | undefined> {
    const known = this.#record;
    if (!known || known === 'gone') return undefined;
    const { podName = '', nodeName = '' } = known.status?.target ?? {};
    const message = `the restored processes of the target pod ${podName} are gone from node ${nodeName}, after the commit; the pod starts anew`;
    return this.#work.ports.record.transition(known, { to: 'Lost', reason: 'TargetLost', message }, process);
  }

  async #write(write: () => Promise<Migration | undefined>, process: AbortSignal): Promise<void> {
    try {
      this.#record = (await write()) ?? this.#record;
    } catch (error) {
      this.#work.ports.log.warn({ error, migration: this.#work.entry.name }, 'Could not write the end of an attempt');
      await this.#sleep(readAgainMs, process);
      await this.#read(process);
    }
  }

  async #read(process: AbortSignal): Promise<void> {
    try {
      const read = await this.#work.ports.record.read(this.#work.record, process);
      this.#record = read.metadata.uid === this.#work.entry.migrationUID ? read : 'gone';
      if (this.#record === 'gone' && this.#done.has('promise')) await this.#sleep(lookAgainMs, process);
    } catch (error) {
      if (isNotFound(error)) this.#record = 'gone';
      else
        this.#work.ports.log.warn({ error, migration: this.#work.entry.name }, 'Could not read the record of a move');
      await this.#sleep(readAgainMs, process);
    }
  }

  /** For a word of the source or of the record; after the promise the record is asked as well, should nobody tell. */
  async #wait(process: AbortSignal): Promise<void> {
    const isWoken = this.#wake.promise.then(() => true);
    const isPromised = this.#done.has('promise');
    const woken = await (isPromised
      ? Promise.race([isWoken, this.#sleep(lookAgainMs, process).then(() => false)])
      : isWoken);
    this.#wake = Promise.withResolvers<undefined>();
    if (!woken) await this.#read(process);
  }

  async #sleep(ms: number, process: AbortSignal): Promise<void> {
    await this.#work.ports.clock.sleep(ms, process).catch(() => undefined); // the loop ends
  }
}
