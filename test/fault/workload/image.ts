import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { artefactFolder } from '../../../lab/cache/artefact.ts';
import { archiveName, labImage } from '../../../lab/images/image.ts';
import { run } from '../../../lab/process.ts';

const source = join(import.meta.dirname, 'ticker.c');

export const tickerTag = 'docker.io/local/ticker:1';

/** Where the program keeps its numbers, inside of its container. */
export const tickFile = '/ticks/log';

const ticker = labImage({
  name: 'fault-ticker',
  tag: tickerTag,
  program: { Entrypoint: ['/ticker'] },
  files: [source],
  fill: async (tree, log) => {
    await run('gcc', ['-O2', '-Wall', '-static', '-s', '-o', join(tree, 'ticker'), source], { log });
    await mkdir(join(tree, 'ticks'));
    await chmod(join(tree, 'ticks'), 0o777);
  },
});

/** The archive of the image, as `lab/main.ts load` takes it. */
export const tickerArchive = async (): Promise<string> => join(await artefactFolder(ticker), archiveName);
