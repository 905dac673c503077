import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page, ToldBySite } from '../workload/site-readers.ts';
import type { Example } from './example.ts';
import { folderOf } from './folder.ts';
import { inside } from './inside.ts';
import { startProgram } from './program-load.ts';

const name = 'nginx-site';
const readers = 4;
const pauseMs = 10;

const sha256 = (body: Buffer | string): string => createHash('sha256').update(body).digest('hex');

/** As `seq 1 200000` of its init container prints it: over a megabyte, more than a socket takes at once. */
const numbers = Array.from({ length: 200_000 }, (_, index) => `${String(index + 1)}\n`).join('');

const fromFolder = async (file: string): Promise<Page> => ({
  path: `/${file}`,
  sha256: sha256(await readFile(join(folderOf(name), 'site', file))),
});

/** Nine short pages for a long one, as on most sites. */
const pages = async (): Promise<readonly Page[]> => {
  const short = [await fromFolder('index.html'), await fromFolder('style.css')];
  const nine = Array.from({ length: 9 }, (_, index) => short[index % short.length]!);
  return [...nine, { path: '/numbers.txt', sha256: sha256(numbers) }];
};

export const nginxSite: Example<ToldBySite> = {
  name,

  async load(pod) {
    const server = { host: pod.status.podIP ?? '', port: 80 };
    const args = [String(readers), String(pauseMs), JSON.stringify(await pages())];
    return startProgram<ToldBySite>('site-readers.ts', server, ...args);
  },

  async differences(pod, { pages: given }) {
    const logged = Number(await inside(pod, 'grep -c "^200 /" /var/log/site/access.log'));
    return logged === given ? [] : [`the readers got ${String(given)} pages, and the log has ${String(logged)}`];
  },
};
