/** Plain lines that tell what is going on: readable in a terminal and in a log alike. */

const started = Date.now();
const quietMs = 2_000;
const remindMs = 15_000;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

export function say(line: string): void {
  process.stdout.write(`${seconds(Date.now() - started).padStart(8)}  ${line}\n`);
}

/** Runs one step; a line appears when it takes longer than two seconds, another when it has ended. */
export async function step<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  const begun = Date.now();
  const announce = setTimeout(() => {
    say(`${what} …`);
  }, quietMs);
  const remind = setInterval(() => {
    say(`${what} … ${seconds(Date.now() - begun)} so far`);
  }, remindMs);
  try {
    const result = await work();
    say(`${what}: done in ${seconds(Date.now() - begun)}`);
    return result;
  } finally {
    clearTimeout(announce);
    clearInterval(remind);
  }
}
