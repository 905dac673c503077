import { say } from '../../../lab/progress.ts';
import { migrations } from '../../../src/api/resource.ts';
import { until } from '../../../lab/wait.ts';
import { phaseOf } from '../../../src/api/migration.ts';
import { isFinished } from '../../../src/api/phase.ts';
import type { Turn } from '../table/cells.ts';
import { Lane } from './lane.ts';
import { Lingering } from './lingering.ts';
import type { Plan } from './plan.ts';
import { untilUsable } from '../cluster/usable.ts';
import { notCarriedOut, type Result } from './result.ts';
import { RunFailed, runOnce, type RunPorts } from './run.ts';
import { type Couple, direct, fits, type Shift, shiftsOf } from './schedule.ts';
import { describeFailure, describeRun } from './words.ts';

export interface CampaignOptions {
  readonly retries: number;
  /** Once it aborts no run is begun any more; those that were not begun have failed. */
  readonly stop: AbortSignal;
  readonly onResult: (results: readonly Result[]) => Promise<void>;
}

const positionMs = 60_000;

/** Carries out runs, two at a time where their faults allow it, and collects what they have shown. */
export class Campaign {
  readonly #ports: RunPorts;
  readonly #options: CampaignOptions;
  readonly #lanes: readonly [Lane, Lane];
  readonly #lingering = new Lingering();
  readonly #results: Result[] = [];
  #begun = 0;
  #total = 0;

  constructor(ports: RunPorts, options: CampaignOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#lanes = [new Lane(1, ports), new Lane(2, ports)];
  }

  get results(): readonly Result[] {
    return this.#results;
  }

  async carryOut(turns: readonly Turn[]): Promise<void> {
    this.#total = this.#begun + turns.length;
    for (const shift of shiftsOf(turns)) await this.#work(shift);
  }

  /** Waits for what may stay for a while to go; what does not is held against the run that has left it. */
  async settle(): Promise<void> {
    for (const { run, what } of await this.#lingering.last(this.#ports.api, this.#lanes)) {
      const index = this.#results.findIndex(({ number }) => number === run);
      const result = this.#results[index];
      if (!result) continue;
      this.#results[index] = {
        ...result,
        leftovers: [...result.leftovers, what],
        notSo: [...result.notSo, `left over for good: ${what}`],
      };
      say(`NOT SO: run ${String(run)} has left for good: ${what}`);
    }
    await this.#options.onResult(this.#results);
  }

  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.clear()));
  }

  async #work({ division: { couples }, shared, alone }: Shift): Promise<void> {
    const [first, second] = couples;
    const left = [...shared];
    const take = (couple: Couple) => (): Turn | undefined => {
      const index = left.findIndex((turn) => fits(turn, couple));
      return index < 0 ? undefined : left.splice(index, 1)[0];
    };
    await Promise.all([
      this.#drive(this.#lanes[0], first, take(first)),
      this.#drive(this.#lanes[1], second, take(second)),
    ]);
    for (const [index, couple] of couples.entries()) {
      const mine = alone.filter((turn) => fits(turn, couple) && (index === 0 || !fits(turn, first)));
      await this.#drive(this.#lanes[index]!, couple, () => mine.shift());
    }
  }

  async #drive(lane: Lane, couple: Couple, next: () => Turn | undefined): Promise<void> {
    for (let turn = next(); turn; turn = next()) await this.#one(lane, couple, turn);
  }

  async #one(lane: Lane, couple: Couple, turn: Turn): Promise<void> {
    this.#begun += 1;
    const number = this.#begun;
    const begunAt = Date.now();
    let plan: Plan = { ...turn, number, source: couple[0], target: couple[1], retries: this.#options.retries };
    try {
      this.#options.stop.throwIfAborted();
      plan = { ...plan, ...(await this.#position(lane, couple, turn)) };
      const { result, lingering, passages } = await runOnce(this.#ports, lane, plan);
      this.#lingering.note(result, lingering, lane.number);
      await lane.removeMoves();
      await this.#note(result);
      say(describeRun(result, this.#total));
      if (result.notSo.length > 0) {
        say(describeFailure(result, passages));
        for (const what of result.leftovers) lane.known.add(what);
        await this.#mend(lane);
      }
    } catch (error) {
      const record = error instanceof RunFailed ? error.record : undefined;
      const result = notCarriedOut(plan, error, record, Date.now() - begunAt);
      await this.#note(result);
      say(describeRun(result, this.#total));
      if (error instanceof RunFailed) say(describeFailure(result, error.passages));
      if (!this.#options.stop.aborted) await this.#mend(lane);
    }
  }

  /** Brings the program to where the turn begins, where it makes a difference. */
  async #position(
    lane: Lane,
    couple: Couple,
    turn: Turn,
  ): Promise<{ readonly source: string; readonly target: string }> {
    await untilUsable(this.#ports.api, couple);
    await lane.use(couple);
    const { spec, metadata } = await lane.settled();
    const at = spec.nodeName ?? '';
    const way = direct(turn, couple, at);
    if (way.source === at) return way;
    const name = `position-${String(this.#begun)}`;
    const { api } = this.#ports;
    await api.create(migrations, lane.namespace, {
      metadata: { name },
      spec: { podName: metadata.name, targetNodeName: way.source },
    });
    const record = await until(
      { what: 'a move to where the run begins', timeoutMs: positionMs, everyMs: 100 },
      async () => {
        const now = await api.get(migrations, { namespace: lane.namespace, name });
        return isFinished(phaseOf(now)) ? now : undefined;
      },
    );
    if (phaseOf(record) !== 'Succeeded')
      throw new Error(`the move to where the run begins is ${phaseOf(record)}: ${record.status?.message ?? ''}`);
    return way;
  }

  /** After a run that was not as it should be nobody knows what is left: everything begins anew. */
  async #mend(lane: Lane): Promise<void> {
    try {
      await lane.mend();
    } catch (error) {
      say(`lane ${String(lane.number)} could not be cleared: ${String(error)}`);
    }
  }

  async #note(result: Result): Promise<void> {
    this.#results.push(result);
    await this.#options.onResult(this.#results);
  }
}
