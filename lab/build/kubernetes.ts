import { readdirSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';

import type { Artefact } from '../cache/artefact.ts';
import { kubernetesVersion } from '../cluster.ts';
import { buildGoProgram } from './go-program.ts';

const source = join(import.meta.dirname, 'kubernetes');
const [major = '', minor = ''] = kubernetesVersion.split('.');
const version = 'k8s.io/component-base/version';
const linkerFlags = [
  '-s -w',
  `-X ${version}.gitVersion=v${kubernetesVersion}`,
  `-X ${version}.gitMajor=${major}`,
  `-X ${version}.gitMinor=${minor}`,
].join(' ');

const programs = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet', 'kubectl'];

/** A folder of Kubernetes' programs, to be put on a PATH. */
export const kubernetes: Artefact = {
  name: 'kubernetes',
  describe: `building Kubernetes ${kubernetesVersion} (7 minutes on 2 cores)`,
  texts: [linkerFlags, programs.join(' ')],
  files: readdirSync(source).map((file) => join(source, file)),
  build: async (folder, log) => {
    await buildGoProgram({ module: source, package: '.', output: join(folder, 'hyperkube'), linkerFlags, log });
    for (const program of programs) await symlink('hyperkube', join(folder, program));
  },
};
