import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gatePath, guardPath, releasePath, socketsCriuPath } from '../agent/host/paths.ts';
import { removeHostFile, writeHostFile } from './host-file.ts';
import { ownFolder } from './own-folder.ts';
import type { Step } from './step.ts';

export const runtimeWrapperPath = join(ownFolder, 'bin', 'transship-runc');
export const realRuncPath = join(ownFolder, 'etc', 'runc');

const script = (what: string, from: string, to: string): Step => ({
  what,
  apply: async () => writeHostFile(to, await readFile(from, 'utf8'), 0o755),
  revert: () => removeHostFile(to),
});

/** The OCI wrapper, and beside it the name of the runtime that it wraps. */
export const runtimeWrapper = (folder: string, runc: string): readonly Step[] => [
  script('the runtime wrapper', join(folder, 'transship-runc'), runtimeWrapperPath),
  {
    what: 'the name of the wrapped runtime',
    apply: () => writeHostFile(realRuncPath, `${runc}\n`),
    revert: () => removeHostFile(realRuncPath),
  },
];

/** What outlives an agent, and beside it what both of them read. */
export const outliving = (folder: string): readonly Step[] => [
  script(
    'how a script leaves its cgroups',
    join(folder, 'transship-cgroups'),
    join(ownFolder, 'bin', 'transship-cgroups'),
  ),
  script('the guard of frozen sources', join(folder, 'transship-guard'), guardPath),
  script('the release of held signals', join(folder, 'transship-release'), releasePath),
];

export const socketsCriu = (folder: string): Step =>
  script('the CRIU that takes sockets', join(folder, 'transship-criu'), socketsCriuPath);

export const gate = (folder: string): Step => script('the gate before CRIU', join(folder, 'transship-gate'), gatePath);

export const ipamWrapper = (folder: string, binFolder: string): Step =>
  script('the IPAM wrapper', join(folder, 'transship-ipam'), join(binFolder, 'transship-ipam'));
