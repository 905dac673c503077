import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RuntimeName } from '../api/migration.ts';
import { inHost, run } from '../agent/host/command.ts';
import { cniNetwork } from './cni.ts';
import { containerdHandler, findContainerd } from './containerd.ts';
import { criuConfig } from './criu-config.ts';
import { dockerHandler, dockerRunc } from './docker.ts';
import { ownFolderStep } from './own-folder.ts';
import { noRedirects } from './redirects.ts';
import { gate, ipamWrapper, outliving, runtimeWrapper, socketsCriu } from './scripts.ts';
import { stateFolders } from './state-folders.ts';
import { inOrder, type Step } from './step.ts';

/** A command's full path on the host: the wrapper is called with a PATH of the runtime's choosing. */
const onHostPath = async (command: string): Promise<string> => {
  if (command.startsWith('/')) return command;
  return (await run(inHost(['sh', '-c', 'command -v "$1"', 'which', command]))).trim();
};

const runtimeSteps: Record<
  RuntimeName,
  () => Promise<{ runc: string; handler: Step; cniBin: string; cniConf: string }>
> = {
  async containerd() {
    const containerd = await findContainerd();
    const { runc = 'runc', cniBin, cniConf } = containerd.facts;
    return { runc, handler: containerdHandler(containerd), cniBin, cniConf };
  },
  async docker() {
    // cri-dockerd's defaults (cri-dockerd --help: --cni-bin-dir, --cni-conf-dir)
    return {
      runc: (await dockerRunc()) ?? 'runc',
      handler: await dockerHandler(),
      cniBin: '/opt/cni/bin',
      cniConf: '/etc/cni/net.d',
    };
  },
};

/**
 * All that Transship changes on a host, in the order in which it is safe to be
 * half done: the scripts are there before anything calls them.
 * @param scripts folder with the files of `node/`
 */
export const hostPlan = async (runtime: RuntimeName, scripts: string): Promise<readonly Step[]> => {
  const { runc, handler, cniBin, cniConf } = await runtimeSteps[runtime]();
  return [
    ownFolderStep,
    stateFolders,
    noRedirects,
    ...runtimeWrapper(scripts, await onHostPath(runc)),
    gate(scripts),
    ...outliving(scripts),
    socketsCriu(scripts),
    criuConfig(await readFile(join(scripts, 'criu.conf'), 'utf8')),
    ipamWrapper(scripts, cniBin),
    // cri-dockerd reads the network's configuration every five seconds only, and when it is restarted for the handler.
    inOrder(cniNetwork(cniConf), handler),
  ];
};
