import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { outcomeOf, start } from '../host/command.ts';
import type { Enclose } from './enclosed.ts';
import { bytesOf } from './file-name.ts';
import type { Root } from './roots.ts';

/** A program at a tree, started ahead and waiting for its input. */
interface Waiting {
  readonly process: ChildProcess;
  /** Resolves with what it came to, once it has ended. */
  readonly ended: ReturnType<typeof outcomeOf>;
}

const startWaiting = (command: readonly string[]): Waiting => {
  const process = start(command);
  const ended = outcomeOf(process);
  ended.catch(() => undefined); // whoever asks for it is told
  return { process, ended };
};

/** GNU tar puts a folder in the place of a symbolic link, and makes links of an archive last. */
const extract = [
  ...['tar', '--extract', '--xattrs', '--xattrs-include=*', '--numeric-owner', '--same-permissions'],
  ...['--delay-directory-restore', '--file=-'],
];
/** Its name for itself, once its current folder is the tree. */
const announced = ['sh', '-c', 'echo; exec "$@"', 'announced', ...extract];
const remove = ['xargs', '-0', '-r', 'rm', '-rf', '--'];

/** What changes one tree of a target. */
export class Unpacker {
  readonly #root: Root;
  readonly #tar: Waiting;
  readonly #rm: Waiting;
  readonly #ready: Promise<unknown>;

  constructor(root: Root, enclose: Enclose) {
    this.#root = root;
    this.#tar = startWaiting(enclose(root.path, announced));
    this.#rm = startWaiting(enclose(root.path, remove));
    this.#ready = Promise.race([once(this.#tar.process.stdout ?? this.#tar.process, 'data'), this.#tar.ended]);
    this.#ready.catch(() => undefined); // whoever asks for it is told
  }

  /** Deletes what is there of these paths. Only once. */
  async remove(paths: readonly string[]): Promise<void> {
    this.#rm.process.stdin?.end(bytesOf(paths.map((path) => `./${path}\0`).join('')));
    const { code, stderr } = await this.#rm.ended;
    if (code !== 0) throw this.#failure('rm could not delete what the source has deleted in', stderr);
  }

  /** The tree as this process may look at it: no link in it is followed. Only before it is {@link end}ed. */
  async place(): Promise<string> {
    await this.#ready;
    return `/proc/${this.#tar.process.pid ?? 0}/cwd`;
  }

  /** Unpacks some more of an archive. Resolves when there is room for more. */
  async write(bytes: Buffer): Promise<void> {
    const { stdin } = this.#tar.process;
    if (stdin?.write(bytes) === false) await Promise.race([once(stdin, 'drain'), this.#tar.ended]);
  }

  /** Resolves when all of the archive is unpacked. */
  async end(): Promise<void> {
    this.#tar.process.stdin?.end();
    const { code, stderr } = await this.#tar.ended;
    if (code !== 0) throw this.#failure('tar could not unpack', stderr);
  }

  close(): void {
    this.#tar.process.kill('SIGKILL');
    this.#rm.process.kill('SIGKILL');
  }

  #failure(what: string, stderr: string): Error {
    return new Error(`${what} ${this.#root.name} of the source: ${stderr.trim().slice(-300)}`);
  }
}
