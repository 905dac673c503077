import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { onHost } from '../agent/host/paths.ts';
import { readHostFile, writeHostFile } from './host-file.ts';
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

/** Runtimes use the first file of the folder by name; others are left alone. */
const activeConfig = async (folder: string): Promise<string> => {
  const names = await readdir(onHost(folder));
  const first = names.filter((n) => n.endsWith('.conflist')).toSorted()[0];
  if (!first) throw new Error(`There is no CNI network in ${folder}: install the cluster's network first`);
  return join(folder, first);
};

export const cniNetwork = (folder: string): Step => {
  const change = async (direction: 'wrap' | 'unwrap'): Promise<boolean> => {
    const path = await activeConfig(folder);
    const text = rewritten((await readHostFile(path)) ?? '', direction);
    return text !== undefined && writeHostFile(path, text);
  };
  return { what: `the IPAM of the network in ${folder}`, apply: () => change('wrap'), revert: () => change('unwrap') };
};
