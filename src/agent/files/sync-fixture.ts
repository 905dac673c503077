import { execFile } from 'node:child_process';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../clock/system-clock.ts';
import { openPair } from '../transfer/pair-fixture.ts';
import { type Enclose, enclosedHere } from './enclosed.ts';
import { openFileSink } from './receive.ts';
import { openFileSync, type Walk } from './send.ts';
import type { Life } from './vanished.ts';

/** For tests: a tree, its copy, and a folder beside them that is nobody's business. */
export interface Copying extends AsyncDisposable {
  readonly from: string;
  readonly to: string;
  readonly outside: string;
  /** Sends what has changed, with the programs that nodes have. */
  pass(life: Life): Promise<Walk>;
  /** Has a shell do something; `$from`, `$to` and `$outside` are the folders. */
  sh(script: string): Promise<string>;
  /** Everything in a folder but times: kind, mode, owner, links, size, content. */
  seen(folder: string): Promise<string>;
}

const never = new AbortController().signal;
const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
const exec = promisify(execFile);

/** Without root there are no mounts of one's own; what is outside is then not kept from anybody. */
const openly: Enclose = (tree, command) => ['env', '-C', tree, ...command];

export const isRoot = process.getuid?.() === 0;

export const encloseHere = isRoot ? enclosedHere : openly;

/** Names are written as tar and find must not read them: as they are. */
const list = `cd "$1" && find . -printf '%y %m %U:%G %n %l %P\\0' \\
  \\( -type f -printf '%s ' -exec sha256sum -z {} + -o -true \\) | LC_ALL=C sort -z | tr '\\0' '\\n'`;

export const openCopying = async (): Promise<Copying> => {
  const top = await mkdtemp(join(tmpdir(), 'copying-'));
  const [from, to, outside] = ['from', 'to', 'outside'].map((name) => join(top, name)) as [string, string, string];
  for (const folder of [from, to, outside]) await mkdir(folder);
  const { source, target } = openPair();
  const sync = openFileSync(source, [{ name: 'emptydir/data', path: from }], {
    processes: () => Promise.resolve([]),
    clock: systemClock,
    enclose: encloseHere,
  });
  const sink = openFileSink([{ name: 'emptydir/data', path: to }], encloseHere);
  const take = async (life: Life): Promise<void> => {
    for (;;) {
      const frame = await target.next(never);
      if (frame.kind !== 'message' || frame.message.say !== 'tree') return;
      await sink.take(target, frame.message, life, never);
    }
  };
  return {
    ...{ from, to, outside },
    async pass(life) {
      const taking = take(life);
      const walk = await sync.pass(life, never);
      await source.say({ say: 'frozen' });
      await taking;
      return walk;
    },
    async sh(script) {
      const env = { ...environment, from, to, outside };
      return (await exec('sh', ['-ec', script], { env })).stdout;
    },
    async seen(folder) {
      return (await exec('sh', ['-ec', list, 'list', folder], { env: environment })).stdout;
    },
    async [Symbol.asyncDispose]() {
      sync.close();
      sink.close();
      await exec('rm', ['-rf', top]); // some paths are longer than Node.js can name
    },
  };
};
