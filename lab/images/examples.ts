import { appendFile, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';

import { debianRecipe, makeDebianTree, type DebianTree } from '../build/debian-tree.ts';
import { labImage, type LabImage } from './image.ts';
import { loadOnDemand } from './on-demand.ts';

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

export const loadExampleImages = (): Promise<void> => loadOnDemand('the images of the examples', exampleImages);
