import type { Log } from '../log/log.ts';

/**
 * What has been done in a move and how it is taken back, last first. Undoing
 * never stops half-way: a step that cannot be undone is told and the rest goes on.
 */
export class Undo {
  readonly #steps: { readonly what: string; readonly how: () => Promise<void> | void }[] = [];
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param what in the past tense, of the undoing: "Thawed the source". */
  add(what: string, how: () => Promise<void> | void): void {
    this.#steps.push({ what, how });
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).toReversed()) {
      try {
        await step.how();
        this.#log.info({ undone: step.what }, 'Undid a step of a move');
      } catch (error) {
        this.#log.error({ error, undone: step.what }, 'Could not undo a step of a move');
      }
    }
  }
}
