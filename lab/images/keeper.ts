import { join } from 'node:path';

import { run } from '../process.ts';
import { labImage } from './image.ts';
import { loadOnDemand } from './on-demand.ts';

const source = join(import.meta.dirname, '..', 'build', 'native', 'keeper.c');

/** A program that knows what it has written (keeper.c), for tests of volumes and locks. */
export const keeper = labImage({
  name: 'keeper',
  tag: 'docker.io/local/keeper:1',
  program: { Entrypoint: ['/keeper'] },
  files: [source],
  fill: async (tree, log) => {
    await run('gcc', ['-O2', '-Wall', '-static', '-s', '-o', join(tree, 'keeper'), source], { log });
  },
});

export const loadKeeper = (): Promise<void> => loadOnDemand('the keeper', [keeper]);
