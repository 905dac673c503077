import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { stateFolder } from '../cluster.ts';

/** Settings of the whole machine that the lab changes, and gives back. */

const file = (name: string): string => join('/proc/sys', name.replaceAll('.', '/'));
const savedFile = join(stateFolder, 'sysctls.json');

/** kubelet sets these itself; they are not a namespace's. */
const setByKubelet = ['vm.overcommit_memory', 'vm.panic_on_oom', 'kernel.panic', 'kernel.panic_on_oops'];

/** Five nodes' daemons and containers watch more files than one machine's usually do. */
const raised = { 'fs.inotify.max_user_instances': 8192, 'fs.inotify.max_user_watches': 524_288 } as const;

export async function raiseSysctls(): Promise<void> {
  const saved: Record<string, string> = {};
  for (const name of [...setByKubelet, ...Object.keys(raised)])
    saved[name] = (await readFile(file(name), 'utf8')).trim();
  await writeFile(savedFile, JSON.stringify(saved));
  for (const [name, value] of Object.entries(raised))
    if (Number(saved[name]) < value) await writeFile(file(name), String(value));
}

export async function restoreSysctls(): Promise<void> {
  const text = await readFile(savedFile, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  for (const [name, value] of Object.entries(JSON.parse(text) as Record<string, string>))
    await writeFile(file(name), value);
}
