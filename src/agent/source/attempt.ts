import { attemptOf, type Migration } from '../../api/migration.ts';
import { ReasonedError } from '../../api/reasons.ts';
import { askedBack } from '../../migration/taking-back/asked-back.ts';
import { decideSource, type SourceAct, type SourceFacts, sourceRules } from '../../migration/source/decide.ts';
import { mayStand, type SourceStep, sourceWay, type UndoableSourceStep } from '../../migration/source/plan.ts';
import { laterOf, type Verdict } from '../../migration/status.ts';
import type { FailPoint } from '../../failpoint/points.ts';
import { reach } from '../../failpoint/reach.ts';
import { isNotFound } from '../../kube/api-error.ts';
import type { Details } from '../../trace/event.ts';
import { moveIn } from '../../trace/record.ts';
import { findingOf } from '../blame.ts';
import { readRuncState } from '../runtime/runc-state.ts';
import { type Answer, ask, askAgain, type Held } from './ask.ts';
import { isAsked, type SourceEntry, unmarkAsked } from './journal.ts';
import type { SourcePorts } from './ports.ts';
import { sourceDoings, type SourceWork } from './steps.ts';

const askAgainMs = 250;
const readAgainMs = 500;

/** The point that is reached when a step has been done. */
const pointOf: Partial<Record<SourceStep, FailPoint>> = {
  claim: 'source.claimed',
  connect: 'source.ready',
  copy: 'source.synced',
  shut: 'source.shut',
  freeze: 'source.frozen',
  dump: 'source.dumping',
  send: 'source.sent',
  hold: 'source.held',
  ask: 'source.committed',
  fence: 'source.fenced',
};

const workOf = (ports: SourcePorts, record: Migration): SourceWork => ({
  ...{ ports, record, entry: undefined, containers: [], kit: undefined, freeze: undefined },
  ...{ askedAt: 0, toldAt: 0, commitMs: 0, released: Promise.resolve(undefined) },
});

/** What an entry of the journal says of a record that could not be read yet. */
const recordOf = (entry: SourceEntry): Migration => ({
  metadata: { name: entry.name, namespace: entry.namespace, uid: entry.migrationUID, resourceVersion: '0' },
  spec: { podName: '', trigger: 'Request', deadlineSeconds: 0 },
});

/**
 * One attempt to move a source away: carries out what `decideSource` says, step
 * by step, forwards, or backwards after a fault, until there is nothing left to
 * do. It also brings back what another process has left, as that same decision
 * says from the journal and the record.
 */
export class SourceAttempt {
  readonly #ports: SourcePorts;
  readonly #work: SourceWork;
  readonly #attempt: number;
  readonly #isLive: boolean;
  #done: ReadonlySet<SourceStep>;
  readonly #abort = new AbortController();
  #record: Migration | 'gone' | undefined;
  #asked: boolean;
  #fault: Verdict | undefined;
  #isStopping = false;
  #isTargetWaiting = true;
  #isParted = false;

  private constructor(work: SourceWork, facts: Pick<SourceFacts, 'record' | 'attempt' | 'isLive' | 'asked' | 'done'>) {
    this.#work = work;
    this.#ports = work.ports;
    this.#record = facts.record;
    this.#attempt = facts.attempt;
    this.#isLive = facts.isLive;
    this.#asked = facts.asked;
    this.#done = new Set(facts.done);
  }

  /** Of a target that has arrived. */
  static begin(ports: SourcePorts, arrived: Migration): SourceAttempt {
    const facts = { record: arrived, attempt: attemptOf(arrived), isLive: true, asked: false, done: new Set<never>() };
    return new SourceAttempt(workOf(ports, arrived), facts);
  }

  /** Of another process of this agent, from its journal. */
  static async found(ports: SourcePorts, entry: SourceEntry): Promise<SourceAttempt> {
    const states = await Promise.allSettled(entry.containers.map((id) => readRuncState(entry.runtime, id)));
    const containers = states.flatMap((state) => (state.status === 'fulfilled' ? [state.value] : [])); // others have ended
    const asked = entry.committed || isAsked(entry.migrationUID);
    return new SourceAttempt(
      { ...workOf(ports, recordOf(entry)), entry, containers },
      // What has committed stays so, even where the record is gone.
      {
        record: entry.committed ? 'gone' : undefined,
        attempt: entry.attempt,
        isLive: false,
        asked,
        done: new Set(mayStand),
      },
    );
  }

  /** Of another process that had claimed the record and left nothing else. */
  static abandoned(ports: SourcePorts, moving: Migration): SourceAttempt {
    const facts = { record: moving, attempt: attemptOf(moving), isLive: false, asked: false, done: new Set<never>() };
    return new SourceAttempt(workOf(ports, moving), facts);
  }

  #facts(): SourceFacts {
    return {
      record: this.#record,
      attempt: this.#attempt,
      done: this.#done,
      asked: this.#asked,
      isLive: this.#isLive,
      fault: this.#fault,
      isStopping: this.#isStopping,
    };
  }

  /** The record has changed. */
  hear(heard: Migration): void {
    if (this.#record !== 'gone') this.#record = this.#record ? laterOf(this.#record, heard) : heard;
    const standing = sourceRules.standing(this.#facts());
    const { phase = '', message = '' } = heard.status ?? {};
    if (standing === 'closed')
      this.#abort.abort(new ReasonedError('CommitRefused', `The Migration is ${phase}: ${message}`));
    else if (standing === 'open' && askedBack(heard) !== undefined)
      this.#abort.abort(new ReasonedError('CancelRequested', 'somebody asked for the move to be taken back'));
  }

  /** The agent is to stop: before the freeze the attempt is taken back, in it it goes on. */
  stop(reason: Error): void {
    this.#isStopping = true;
    if (!this.#done.has('freeze')) this.#abort.abort(new ReasonedError('AgentStopping', reason.message));
  }

  /**
   * @param process its end leaves a commit in doubt to the next process: the source stays frozen then.
   * @returns the record as this side knows it; after a commit, with timings that the API server does not have yet.
   */
  async run(process: AbortSignal): Promise<Migration> {
    while (!process.aborted) {
      const act = decideSource(this.#facts());
      if (act.act === 'over') break;
      await this.#perform(act, process);
    }
    return this.#work.record;
  }

  async #perform(act: Exclude<SourceAct, { act: 'over' }>, process: AbortSignal): Promise<void> {
    if (act.act === 'undo') await this.#undo(act.step);
    else if (act.act === 'read') await this.#read(process);
    else if (act.act === 'close') await this.#close(act.verdict, process);
    else if (act.step !== 'ask') await this.#do(act.step);
    else {
      await this.#ask(process);
      if (this.#done.has('ask')) await this.#reach('ask');
    }
  }

  async #do(step: Exclude<SourceStep, 'ask'>): Promise<void> {
    // An undoable step counts from its beginning: it may be half done when it fails.
    if (sourceWay.isUndoable(step)) this.#count(step);
    if (this.#record && this.#record !== 'gone') this.#work.record = this.#record;
    try {
      await sourceDoings[step].do(this.#work, this.#abort.signal);
      this.#count(step);
      if (step === 'claim') this.#record = this.#work.record;
      if (step === 'send') this.#isTargetWaiting = false; // it has been told to restore
      await this.#reach(step);
    } catch (error) {
      this.#ports.log.warn({ error, migration: this.#work.record.metadata.name, step }, 'A step of a move failed');
      this.#note(`fails to ${step}`, { reason: findingOf(error).reason });
      this.#fail(error, step);
    }
  }

  async #reach(step: SourceStep): Promise<void> {
    const point = pointOf[step];
    if (point) await reach(this.#ports.points, point, this.#work.record);
  }

  /** After the commit there is no way back: a step that fails is told, and the next one is done. */
  #fail(error: unknown, step: SourceStep): void {
    if (sourceRules.standing(this.#facts()) === 'committed') this.#count(step);
    else this.#fault ??= findingOf(error);
  }

  async #undo(step: UndoableSourceStep): Promise<void> {
    this.#part();
    try {
      await sourceDoings[step].undo(this.#work);
      this.#ports.log.info({ migration: this.#work.record.metadata.name, step }, 'Took back a step of a move');
      this.#note(`takes back "${step}"`);
    } catch (error) {
      this.#ports.log.error(
        { error, migration: this.#work.record.metadata.name, step },
        'Could not take back a step of a move',
      );
    }
    this.#done = sourceWay.upTo(step, this.#done);
  }

  /**
   * The target is told first: packets that wait there are let go the sooner. Nobody waits for the word to be taken, for
   * which a connection that is cut off would keep the source frozen.
   */
  #part(): void {
    if (this.#isParted) return;
    this.#isParted = true;
    const said = this.#fault ?? { reason: 'CommitRefused', message: 'the attempt was ended by somebody else' };
    this.#work.kit?.channel.say({ say: 'failed', ...said }).catch(() => undefined); // it may be what failed
  }

  async #read(process: AbortSignal): Promise<void> {
    try {
      this.#record = await this.#ports.record.read(this.#work.record, process);
      if (this.#record.metadata.uid !== this.#work.record.metadata.uid) this.#record = 'gone';
    } catch (error) {
      if (isNotFound(error)) this.#record = 'gone';
      else await this.#pause(error, 'Could not read the record of a move', readAgainMs, process);
    }
  }

  async #close(verdict: Verdict, process: AbortSignal): Promise<void> {
    const { record } = this.#ports;
    const known = this.#record;
    if (!known || known === 'gone') return;
    try {
      this.#record = await record.end(
        known,
        verdict,
        { isTargetWaiting: this.#isTargetWaiting && this.#isLive },
        process,
      );
    } catch (error) {
      await this.#pause(error, 'Could not write the end of an attempt', readAgainMs, process);
      await this.#read(process);
    }
  }

  async #ask(process: AbortSignal): Promise<void> {
    const known = this.#record;
    if (!known || known === 'gone') return;
    const { freeze } = this.#work;
    const held: Held = { timings: freeze?.timings ?? {}, imageBytes: freeze?.imageBytes ?? 0 };
    if (this.#asked) {
      this.#take(await askAgain(this.#ports, known, held));
      if (this.#isInDoubt()) await this.#ports.clock.sleep(askAgainMs, process).catch(() => undefined); // the loop ends
      return;
    }
    this.#asked = true;
    this.#work.askedAt = performance.now();
    this.#take(await ask(this.#ports, known, held));
  }

  #note(label: string, fields?: Details): void {
    this.#ports.tracer.note(moveIn(this.#work.record), label, fields);
  }

  #count(step: SourceStep): void {
    this.#done = new Set([...this.#done, step]);
  }

  #isInDoubt(): boolean {
    return this.#asked && sourceRules.standing(this.#facts()) === 'open';
  }

  #take(answer: Answer): void {
    const migration = this.#work.record.metadata.name;
    if ('record' in answer) this.#record = answer.record;
    if (['closed', 'refused', 'withdrawn'].includes(answer.answer)) unmarkAsked(this.#work.record.metadata.uid);
    if (answer.answer === 'committed') {
      this.#work.record = answer.record;
      this.#work.commitMs = Math.round(performance.now() - this.#work.askedAt);
      this.#count('ask');
    } else if (answer.answer === 'gone') {
      this.#record = 'gone';
      this.#ports.log.error({ migration }, 'The record of a move is gone while its commit was in doubt');
    } else if (answer.answer === 'withdrawn') this.#asked = false;
    else if (answer.answer === 'refused') {
      this.#asked = false;
      this.#fault = findingOf(answer.error);
    } else if (answer.answer === 'unknown' && answer.error !== undefined)
      this.#ports.log.warn({ error: answer.error, migration }, 'The commit of a move was not confirmed');
  }

  async #pause(error: unknown, what: string, ms: number, process: AbortSignal): Promise<void> {
    this.#ports.log.warn({ error, migration: this.#work.record.metadata.name }, `${what}, tries again`);
    await this.#ports.clock.sleep(ms, process).catch(() => undefined); // the loop ends
  }
}
