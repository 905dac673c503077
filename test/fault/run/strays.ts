import { readFile, writeFile } from 'node:fs/promises';
import { nodes } from '../../../lab/cluster.ts';
import { isAlive, kill, survivors } from '../../../lab/host/lab-processes.ts';
import { processesOn } from '../cluster/processes.ts';

const endMs = 1_000;

/** The freezer of cgroup v1, or the one hierarchy of v2, of a process. */
const freezerFileOf = async (pid: number): Promise<string | undefined> => {
  const lines = (await readFile(`/proc/${String(pid)}/cgroup`, 'utf8').catch(() => '')).split('\n');
  const v1 = lines.find((line) => line.includes(':freezer:'))?.split(':freezer:')[1];
  if (v1 !== undefined) return `/sys/fs/cgroup/freezer${v1}/freezer.state`;
  const v2 = lines.find((line) => line.startsWith('0::'))?.slice(3);
  return v2 === undefined ? undefined : `/sys/fs/cgroup${v2}/cgroup.freeze`;
};

/** A frozen process does not end before it is thawed, and by then it has been told to end. */
const thaw = async (pid: number): Promise<void> => {
  const file = await freezerFileOf(pid);
  if (file) await writeFile(file, file.endsWith('state') ? 'THAWED' : '0').catch(() => undefined); // it has just ended
};

/** Ends programs of a lane that no pod has any more. That they were there has been noted. */
export const endStrays = async (lane: number): Promise<void> => {
  const strays = nodes.flatMap(({ name }) =>
    processesOn(name, (command) => command[0] === '/ticker' && command[3] === String(lane)).map(({ pid }) => pid),
  );
  for (const pid of strays) kill(pid);
  await Promise.all((await survivors(strays, endMs)).map(thaw));
  await survivors(strays, endMs);
  const left = strays.filter(isAlive);
  if (left.length > 0) throw new Error(`process ${left.join(', ')} of lane ${String(lane)} does not end`);
};
