import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { debianRecipe, makeDebianTree, type DebianTree } from '../build/debian-tree.ts';
import { artefactFolder } from '../cache/artefact.ts';
import { nodeFolder, nodes, type LabNode } from '../cluster.ts';
import { runInNode } from '../node-exec.ts';
import { step } from '../progress.ts';
import { archiveName, labImage, type LabImage } from './image.ts';
import { loadImage } from './load.ts';

/*
 * What the examples need besides the images that every node holds. They are
 * built and loaded when somebody asks for them: a lab starts without.
 */

const nginxTree: DebianTree = { variant: 'essential', packages: ['nginx-light'] };
const nginx = labImage({
  name: 'nginx',
  tag: 'docker.io/local/nginx:1',
  program: { Cmd: ['nginx', '-g', 'daemon off;'] },
  texts: [debianRecipe(nginxTree)],
  fill: (tree, log) => makeDebianTree(nginxTree, tree, log),
});

const postgresqlTree: DebianTree = { variant: 'essential', packages: ['postgresql'] };
/** Not on the path in Debian, which has wrappers in Perl there that choose among versions. */
const postgresqlPrograms = ['initdb', 'pg_amcheck', 'pg_isready', 'pgbench', 'postgres', 'psql'];
const postgresqlFolder = 'usr/lib/postgresql';

const postgresql = labImage({
  name: 'postgresql',
  tag: 'docker.io/local/postgresql:1',
  program: { Cmd: ['postgres'], WorkingDir: '/tmp' },
  texts: [debianRecipe(postgresqlTree), JSON.stringify(postgresqlPrograms), 'without a database'],
  fill: async (tree, log) => {
    await makeDebianTree(postgresqlTree, tree, log);
    // The database that Debian makes at once is nobody's here.
    await rm(join(tree, 'var/lib/postgresql'), { recursive: true });
    const [version = ''] = await readdir(join(tree, postgresqlFolder));
    for (const program of postgresqlPrograms)
      await symlink(join('/', postgresqlFolder, version, 'bin', program), join(tree, 'usr/local/bin', program));
    await appendFile(join(tree, 'etc/passwd'), 'app:x:1000:1000::/tmp:/bin/sh\n');
    await appendFile(join(tree, 'etc/group'), 'app:x:1000:\n');
  },
});

/** Known to the cache, so that it can forget what they were built from before. */
export const exampleImages: readonly LabImage[] = [nginx, postgresql];

/** A note of what was loaded; it goes with the node. The tag alone does not tell from what an image was built. */
const loadedMark = (node: LabNode, artefact: string): string =>
  join(nodeFolder(node.name), 'loaded', basename(artefact));

/** What a runtime prints of an image that it has. A kubelet that lacks space removes images that nobody uses. */
const finders = {
  containerd: (tag: string) => ['ctr', '-n', 'k8s.io', 'images', 'ls', '--quiet', `name==${tag}`],
  docker: (tag: string) => ['docker', 'image', 'ls', '--quiet', tag],
} as const;

const hasImage = async (node: LabNode, tag: string): Promise<boolean> =>
  (await runInNode(node.name, finders[node.runtime](tag))).trim() !== '';

const loadOnce = async (node: LabNode, { image, artefact }: Built): Promise<void> => {
  const mark = loadedMark(node, artefact);
  if (existsSync(mark) && (await hasImage(node, image.tag))) return;
  await loadImage(node, join(artefact, archiveName));
  await mkdir(dirname(mark), { recursive: true });
  await writeFile(mark, '');
};

interface Built {
  readonly image: LabImage;
  /** Its folder in the cache. */
  readonly artefact: string;
}

/** Builds the images of the examples where the cache lacks them, and loads them into the nodes that do not have them. */
export const loadExampleImages = async (): Promise<void> => {
  const built: Built[] = [];
  for (const image of exampleImages) built.push({ image, artefact: await artefactFolder(image) });
  await step('loading the images of the examples into the nodes', () =>
    Promise.all(
      nodes.map(async (node) => {
        for (const each of built) await loadOnce(node, each);
      }),
    ),
  );
};
