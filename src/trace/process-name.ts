/*
 * An actor is what a person knows: `controller`, `agent-n1`. What has a clock is a process, which is an actor from one
 * start to its end: `agent-n1@3f2a91c4`. A restarted one has forgotten its count, and two replicas never had one in
 * common, so each counts under a name of its own, and nobody has to be asked for it. Readers call the first
 * `agent-n1` and the second `agent-n1.2`.
 */

const actor = String.raw`(?:webhook|controller|scheduler|cli|agent-[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)`;
const pattern = new RegExp(String.raw`^${actor}@[0-9a-f]{8}(?:-[0-9]{1,6})?$`);

export type Actor = 'webhook' | 'controller' | 'scheduler' | 'cli' | `agent-${string}`;

export const isProcessName = (text: string): boolean => pattern.test(text);

/** @param run tells the runs of all programs apart: eight hexadecimal digits */
export const processName = (of: Actor, run: string): string => `${of}@${run}`;

export const actorIn = (process: string): string => process.slice(0, process.lastIndexOf('@'));

/** The agent's node, or undefined of what is no agent. */
export const nodeIn = (process: string): string | undefined =>
  process.startsWith('agent-') ? actorIn(process).slice('agent-'.length) : undefined;

/** Names for readers, in the order of the processes: an actor's own, and `.2`, `.3`, … for those that came after it. */
export const hostNames = (processes: readonly string[]): ReadonlyMap<string, string> => {
  // A node may be called `n1.2`: what is an actor's own name is nobody else's.
  const own = new Set(processes.map(actorIn));
  const taken = new Set<string>();
  const names = new Map<string, string>();
  for (const process of processes) {
    const base = actorIn(process);
    let name = base;
    for (let count = 2; taken.has(name) || (name !== base && own.has(name)); count += 1) name = `${base}.${count}`;
    taken.add(name);
    names.set(process, name);
  }
  return names;
};
