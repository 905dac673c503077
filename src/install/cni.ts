import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { onHost } from '../agent/host/paths.ts';
import { applyEdit, type Edit, revertEdit } from './edit.ts';
import type { Step } from './step.ts';

const ipamSection = z.looseObject({ type: z.string(), transshipDelegate: z.string().optional() });
const plugin = z.looseObject({ type: z.string(), ipam: ipamSection.optional() });
const network = z.looseObject({ plugins: z.array(plugin) });

const ours = 'transship-ipam';

const wrapped = (p: z.infer<typeof plugin>): z.infer<typeof plugin> =>
  p.ipam && p.ipam.type !== ours ? { ...p, ipam: { ...p.ipam, type: ours, transshipDelegate: p.ipam.type } } : p;

const unwrapped = (p: z.infer<typeof plugin>): z.infer<typeof plugin> => {
  if (p.ipam?.type !== ours) return p;
  const { transshipDelegate, ...ipam } = p.ipam;
  return { ...p, ipam: { ...ipam, type: transshipDelegate ?? 'host-local' } };
};

/** A network's configuration with its IPAM plugins behind ours, or as it was before. Undefined when nothing is to change. */
export const rewritten = (text: string, direction: 'wrap' | 'unwrap'): string | undefined => {
  const config = network.parse(JSON.parse(text));
  const plugins = config.plugins.map(direction === 'wrap' ? wrapped : unwrapped);
  const same = plugins.every((p, i) => p === config.plugins[i]);
  return same ? undefined : `${JSON.stringify({ ...config, plugins }, null, 2)}\n`;
};

const edit = (path: string): Edit => ({
  path,
  with: (text = '') => rewritten(text, 'wrap'),
  // A network that does not know us may have another shape than we can read.
  without: (text) => (text.includes(ours) ? (rewritten(text, 'unwrap') ?? text) : text),
});

const configsIn = async (folder: string): Promise<readonly string[]> => {
  const names = await readdir(onHost(folder));
  return names
    .filter((n) => n.endsWith('.conflist'))
    .toSorted()
    .map((name) => join(folder, name));
};

export const cniNetwork = (folder: string): Step => ({
  what: `the IPAM of the network in ${folder}`,
  async apply() {
    // Runtimes use the first file of the folder by name; others are left alone.
    const [active] = await configsIn(folder);
    if (!active) throw new Error(`There is no CNI network in ${folder}: install the cluster's network first`);
    return applyEdit(edit(active));
  },
  async revert() {
    // Another network may have come first since.
    const changed = [];
    for (const path of await configsIn(folder)) changed.push(await revertEdit(edit(path)));
    return changed.includes(true);
  },
});
