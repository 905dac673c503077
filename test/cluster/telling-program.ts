import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { nodeNamed } from '../../lab/cluster.ts';
import { nodePid } from '../../lab/node-exec.ts';

/** A program of test/workload that tells, whenever it is asked, what has happened since it was asked before. */
export interface TellingProgram<Told> {
  ask(): Promise<Told>;
  close(): Promise<void>;
}

const folder = join(import.meta.dirname, '..', 'workload');
const answerLimitMs = 10_000;

/** In the network of a node of the lab; of the machine of the lab, which is no node, without one. */
const wayInto = (nodeName: string | undefined): readonly [string, ...string[]] => {
  if (nodeName === undefined) return [process.execPath];
  const pid = nodePid(nodeNamed(nodeName));
  if (pid === undefined) throw new Error(`node ${nodeName} is not up`);
  return ['nsenter', '-t', String(pid), '-n', '--', process.execPath];
};

export const startTelling = <Told>(
  nodeName: string | undefined,
  program: string,
  ...words: readonly string[]
): TellingProgram<Told> => {
  const [file, ...args] = wayInto(nodeName);
  const child = spawn(file, [...args, join(folder, program), ...words], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const name = [program, ...words].join(' ');
  return {
    async ask() {
      child.stdin.write('tell\n');
      const limit = AbortSignal.timeout(answerLimitMs);
      const { promise: late, reject } = Promise.withResolvers<never>();
      limit.addEventListener('abort', () => reject(new Error(`${name} did not answer`)));
      const { value, done } = await Promise.race([lines.next(), late]);
      if (done) throw new Error(`${name} has ended`);
      return JSON.parse(value) as Told;
    },
    async close() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
};
