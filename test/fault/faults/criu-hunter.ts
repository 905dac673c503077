import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { kill } from '../../../lab/host/lab-processes.ts';
import { below, isCriu } from '../cluster/descendants.ts';
import type { Hunt, Kill } from './criu-hunt.ts';

/*
 * A thread of its own: a CRIU lives for less than a tenth of a second, and a look at all processes of the machine, which
 * the other lane may take at the same time, keeps a thread for nearly as long. The source may stand still while it
 * starts, so it loads little.
 */

const appearMs = 3_000;
const killingMs = 1_000;

const { starters, afterMs } = workerData as Hunt;
const find = () => starters.flatMap((pid) => below(pid, isCriu));

const hunt = async (): Promise<Kill> => {
  const deadline = performance.now() + appearMs;
  let found = find();
  while (found.length === 0) {
    if (performance.now() > deadline) return { killed: 0 };
    found = find(); // without a pause: within milliseconds of its start it has processes in hand
  }
  await sleep(afterMs);
  let killed = 0;
  // runc asks one CRIU what it can do before another one does the work: whatever comes within a second is killed.
  for (const until = performance.now() + killingMs; performance.now() < until; found = find()) {
    for (const { pid } of found) kill(pid);
    killed += found.length;
    await sleep(1);
  }
  return { killed };
};

parentPort!.postMessage('ready');
parentPort!.postMessage(await hunt());
