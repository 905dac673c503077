import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { RuntimeName } from '../../api/migration.ts';
import { onHost, withheldDirectory } from '../host/paths.ts';

/**
 * Where each engine lets runc keep its state. Docker's folder is named after
 * its default runtime whichever runtime a container has (moby daemon/runtime_unix.go).
 */
const roots: Record<RuntimeName, readonly string[]> = {
  containerd: ['/run/containerd/runc/k8s.io'],
  docker: ['/run/docker/runtime-runc/moby', '/run/docker/runtime-transship/moby'],
};

const stateJson = z.looseObject({
  init_process_pid: z.number(),
  cgroup_paths: z.record(z.string(), z.string()),
  config: z.looseObject({
    rootfs: z.string(),
    labels: z.array(z.string()).nullish(),
    namespaces: z.array(z.looseObject({ type: z.string(), path: z.string().default('') })).default([]),
  }),
});

/** What runc itself knows of a running container: the same under every engine. */
export interface RuncState {
  readonly root: string;
  readonly id: string;
  readonly pid: number;
  readonly bundle: string;
  readonly rootfs: string;
  /** Path of the network namespace that it has joined: the pod's, which outlives it. */
  readonly network: string;
  /** Controller → path of the cgroup on the host; one entry with the name "" on cgroup v2. */
  readonly cgroups: Readonly<Record<string, string>>;
}

/**
 * Reads runc's `state.json`. Rejects when no root of the engine knows the container. One that is withheld is read from our
 * own root: at that of the engine a reader waits.
 */
export const readRuncState = async (engine: RuntimeName, containerID: string): Promise<RuncState> => {
  const tried: string[] = [];
  for (const root of [withheldDirectory, ...roots[engine]]) {
    const path = join(root, containerID, 'state.json');
    tried.push(path);
    const text = await readFile(onHost(path), 'utf8').catch(() => undefined); // not under this root
    if (text === undefined) continue;
    const state = stateJson.parse(JSON.parse(text));
    const bundle = state.config.labels?.find((l) => l.startsWith('bundle='))?.slice('bundle='.length) ?? '';
    return {
      root,
      id: containerID,
      pid: state.init_process_pid,
      bundle,
      rootfs: state.config.rootfs,
      network: state.config.namespaces.find(({ type }) => type === 'NEWNET')?.path ?? '',
      cgroups: state.cgroup_paths,
    };
  }
  throw new Error(`runc knows no container ${containerID}: looked at ${tried.join(', ')}`);
};
