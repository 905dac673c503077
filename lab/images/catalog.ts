import { appendFile, chmod, copyFile, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { artefactFolder, artefactPath } from '../cache/artefact.ts';
import { debianRecipe, makeDebianTree, type DebianTree } from '../build/debian-tree.ts';
import { kubernetes } from '../build/kubernetes.ts';
import { kubernetesVersion } from '../cluster.ts';
import { run } from '../process.ts';
import { labImage, type LabImage } from './image.ts';

export const pauseTag = 'docker.io/local/pause:1';

const pauseSource = join(import.meta.dirname, '..', 'build', 'native', 'pause.c');
const pause = labImage({
  name: 'pause',
  tag: pauseTag,
  program: { Entrypoint: ['/pause'], User: '65535:65535' },
  files: [pauseSource],
  fill: async (tree, log) => {
    await run('gcc', ['-Os', '-Wall', '-static', '-s', '-o', join(tree, 'pause'), pauseSource], { log });
  },
});

const redisTree: DebianTree = { variant: 'essential', packages: ['redis-server', 'redis-tools'] };
const redis = labImage({
  name: 'redis',
  tag: 'docker.io/local/redis:1',
  // Redis refuses clients from other hosts unless told otherwise.
  program: { Cmd: ['redis-server', '--bind', '0.0.0.0', '--protected-mode', 'no', '--save', ''], WorkingDir: '/tmp' },
  texts: [debianRecipe(redisTree)],
  fill: (tree, log) => makeDebianTree(redisTree, tree, log),
});

const nodeTree: DebianTree = { variant: 'essential', packages: ['libatomic1', 'libstdc++6', 'python3-minimal'] };
const node = labImage({
  name: 'node',
  tag: 'docker.io/local/node:1',
  program: { Cmd: ['node'], WorkingDir: '/tmp' },
  texts: [debianRecipe(nodeTree), process.version],
  fill: async (tree, log) => {
    await makeDebianTree(nodeTree, tree, log);
    // The program that runs this very file: the version that the repository pins.
    await copyFile(process.execPath, join(tree, 'usr/local/bin/node'));
    await chmod(join(tree, 'usr/local/bin/node'), 0o755);
    await appendFile(join(tree, 'etc/passwd'), 'app:x:1000:1000::/tmp:/bin/sh\n');
    await appendFile(join(tree, 'etc/group'), 'app:x:1000:\n');
  },
});

const scheduler = labImage({
  name: 'kube-scheduler',
  tag: `registry.k8s.io/kube-scheduler:v${kubernetesVersion}`,
  program: { Cmd: ['/usr/local/bin/kube-scheduler'], User: '65532:65532' },
  texts: [basename(await artefactPath(kubernetes))],
  fill: async (tree) => {
    await mkdir(join(tree, 'usr/local/bin'), { recursive: true });
    await copyFile(join(await artefactFolder(kubernetes), 'hyperkube'), join(tree, 'usr/local/bin/kube-scheduler'));
  },
});

/** In the order in which nodes load them: no pod starts without the first. */
export const images: readonly LabImage[] = [pause, redis, node, scheduler];
