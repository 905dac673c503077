import { readFileSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** In the environment of what starts a node and of its daemons, and of nothing else on the machine. */
export const nodeMark = 'TRANSSHIP_LAB_NODE';

/** Processes with the lab's mark: found by it alone, so also after a crash that left no other record. */
export async function labProcesses(): Promise<readonly number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^[0-9]+$/.test(entry)) continue;
    const environment = await readFile(`/proc/${entry}/environ`, 'latin1').catch(() => '');
    if (environment.split('\0').some((variable) => variable.startsWith(`${nodeMark}=`))) found.push(Number(entry));
  }
  return found;
}

/** A process that has ended but was not waited for yet is not alive. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${String(pid)}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Waits for processes to be gone; those that are not after the given time are returned. */
export async function survivors(pids: readonly number[], timeoutMs: number): Promise<readonly number[]> {
  const deadline = Date.now() + timeoutMs;
  let alive = pids.filter(isAlive);
  while (alive.length > 0 && Date.now() < deadline) {
    await sleep(50);
    alive = alive.filter(isAlive);
  }
  return alive;
}
