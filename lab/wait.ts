import { setTimeout as sleep } from 'node:timers/promises';

export interface Patience {
  readonly what: string;
  readonly timeoutMs: number;
  readonly everyMs?: number;
}

/** Asks until there is an answer, or gives up and says what it waited for. A failing question is asked again. */
export async function until<Answer>(patience: Patience, ask: () => Promise<Answer | undefined>): Promise<Answer> {
  const deadline = Date.now() + patience.timeoutMs;
  let reason = 'no answer';
  while (Date.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    await sleep(patience.everyMs ?? 200);
  }
  throw new Error(`gave up after ${String(patience.timeoutMs / 1000)} s waiting for ${patience.what}: ${reason}`);
}
