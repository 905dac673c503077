import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { onHost } from '../host/paths.ts';

/**
 * The freezer of a container's cgroup: the fence around the source. Frozen
 * before CRIU starts and after it has ended, and it saves the 100 ms in which
 * CRIU polls a freezer that it has to freeze itself (criu/seize.c,
 * freeze_processes). While CRIU is at work it is what holds the processes
 * (docs/adr/0028-a-criu-that-is-killed.md).
 */
export interface Freezer {
  /** How another process of the host thaws it: a path of the host, and what is to be written there. */
  readonly thawing: { readonly path: string; readonly word: string };
  /** Resolves when every task stands still; rejects after `limitMs`, thawed again. */
  freeze(limitMs: number): Promise<void>;
  thaw(): void;
  isFrozen(): boolean;
  /** Every process in the container. */
  processes(): Promise<readonly number[]>;
}

interface Files {
  /** On the host. */
  readonly state: string;
  readonly frozen: string;
  readonly thawed: string;
  readonly isFrozen: () => boolean;
  readonly processes: string;
}

const version1 = (path: string): Files => {
  const state = join(path, 'freezer.state');
  return {
    state,
    frozen: 'FROZEN',
    thawed: 'THAWED',
    isFrozen: () => readFileSync(onHost(state), 'utf8').trim() === 'FROZEN',
    processes: onHost(join(path, 'cgroup.procs')),
  };
};

const version2 = (path: string): Files => ({
  state: join(path, 'cgroup.freeze'),
  frozen: '1',
  thawed: '0',
  isFrozen: () => readFileSync(onHost(join(path, 'cgroup.events')), 'utf8').includes('frozen 1'),
  processes: onHost(join(path, 'cgroup.procs')),
});

/** @param cgroups as runc's state has them: by controller, or one under "" (cgroup v2). */
export const freezerOf = (cgroups: Readonly<Record<string, string>>): Freezer => {
  const own = cgroups['freezer'];
  const unified = cgroups[''];
  if (own === undefined && unified === undefined) throw new Error('The container is in no freezer cgroup');
  const files = own === undefined ? version2(unified ?? '') : version1(own);
  const state = onHost(files.state);
  const thaw = () => {
    try {
      writeFileSync(state, files.thawed);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // it has gone with its container
    }
  };
  return {
    thawing: { path: files.state, word: files.thawed },
    async freeze(limitMs) {
      const begun = performance.now();
      writeFileSync(state, files.frozen);
      // The files are the kernel's, in memory: reading one takes microseconds, and the freeze one or two milliseconds.
      while (!files.isFrozen()) {
        if (performance.now() - begun > limitMs) {
          thaw();
          throw new Error(`The cgroup was not frozen within ${limitMs} ms: a task does not leave the kernel (state D)`);
        }
        await setImmediate();
      }
    },
    thaw,
    isFrozen: files.isFrozen,
    async processes() {
      const text = await readFile(files.processes, 'utf8');
      return text.split('\n').filter(Boolean).map(Number);
    },
  };
};
