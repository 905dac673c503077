import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { controlPlane } from '../../lab/cluster.ts';
import { nodePid } from '../../lab/node-exec.ts';
import type { Report } from '../workload/asking/heard.ts';
import type { Load } from './example.ts';
import { batchOf } from './rows.ts';

const programs = join(import.meta.dirname, '..', 'workload');
const beginLimitMs = 15_000;
/** More than the program itself waits for its last answers. */
const endLimitMs = 15_000;

/**
 * Starts a program of test/workload in the network of the control plane's node, where none of the pods is.
 *
 * @param args after host and port of the server
 */
export const startProgram = async <Told>(
  program: string,
  server: { readonly host: string; readonly port: number },
  ...args: readonly string[]
): Promise<Load<Told>> => {
  const pid = nodePid(controlPlane);
  if (pid === undefined) throw new Error(`node ${controlPlane.name} is not up`);
  const command = [process.execPath, join(programs, program), server.host, String(server.port), ...args];
  const child = spawn('nsenter', ['-t', String(pid), '-n', '--', ...command], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => undefined); // it has ended, which its lines tell
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  const nextLine = async (limitMs: number): Promise<string> => {
    const limit = AbortSignal.timeout(limitMs);
    const late = once(limit, 'abort').then(() => {
      throw new Error(`${program} said nothing for ${String(limitMs / 1000)} s`);
    });
    const line = await Promise.race([lines.next(), late]);
    if (line.done) throw new Error(`${program} has ended with ${String(child.exitCode)}`);
    return line.value;
  };

  const close = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };

  try {
    await nextLine(beginLimitMs);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async end() {
      child.stdin.end();
      const { heard, told } = JSON.parse(await nextLine(endLimitMs)) as Report<Told>;
      return { heard: heard.map(batchOf), told };
    },
    [Symbol.asyncDispose]: close,
  };
};
