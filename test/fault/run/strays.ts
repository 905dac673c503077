import { writeFile } from 'node:fs/promises';
import { nodes } from '../../../lab/cluster.ts';
import { isAlive, kill, survivors } from '../../../lab/host/lab-processes.ts';
import { frozenCgroupsOf } from '../../cluster/node-kernel.ts';
import { processesOn } from '../cluster/processes.ts';

const endMs = 1_000;

/** A frozen process does not end before it is thawed, and by then it has been told to end. */
const thawAll = async (): Promise<void> => {
  for (const { name } of nodes)
    for (const folder of await frozenCgroupsOf(name)) {
      await writeFile(`${folder}/freezer.state`, 'THAWED').catch(() => undefined); // another version of cgroups
      await writeFile(`${folder}/cgroup.freeze`, '0').catch(() => undefined);
    }
};

/** Ends programs of a lane that no pod has any more. That they were there has been noted. */
export const endStrays = async (lane: number): Promise<void> => {
  const strays = nodes.flatMap(({ name }) =>
    processesOn(name, (command) => command[0] === '/ticker' && command[3] === String(lane)).map(({ pid }) => pid),
  );
  for (const pid of strays) kill(pid);
  if ((await survivors(strays, endMs)).length > 0) await thawAll();
  await survivors(strays, endMs);
  const left = strays.filter(isAlive);
  if (left.length > 0) throw new Error(`process ${left.join(', ')} of lane ${String(lane)} does not end`);
};
