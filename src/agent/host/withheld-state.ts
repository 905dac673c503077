import { closeSync, constants, openSync, renameSync, writeSync } from 'node:fs';
import { copyFile, lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { amongHostCgroups, run, start } from './command.ts';
import { onHost, releasePath, withheldDirectory } from './paths.ts';

/*
 * Whatever runc is to do with a container, it first reads the state that it has
 * written down of it (libcontainer, Load). With a FIFO in the place of that file
 * a runc that is to send a signal waits before it has sent any. What stood there
 * lies in a root of our own meanwhile, from which the container is dumped.
 */

/** A pipe takes so much at once (pipe(7)). */
const pipeBytes = 65_536;

const stateIn = (folder: string): string => join(folder, 'state.json');
const copyOf = (containerID: string): string => onHost(join(withheldDirectory, containerID));
const originIn = (copy: string): string => join(copy, 'root');

const hasCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;

const isFIFO = (path: string): Promise<boolean> =>
  lstat(path).then(
    (stats) => stats.isFIFO(),
    () => false, // the container is gone
  );

/** Where runc has it itself; undefined when it is not withheld. */
const originOf = async (containerID: string): Promise<string | undefined> => {
  const root = await readFile(originIn(copyOf(containerID)), 'utf8').catch(() => undefined); // nobody withholds it
  return root === undefined ? undefined : stateIn(onHost(join(root, containerID)));
};

export const isWithheld = async (containerID: string): Promise<boolean> => {
  const state = await originOf(containerID);
  return state !== undefined && (await isFIFO(state));
};

/**
 * From now on every runc that its runtime starts for the container waits. The undo of it is {@link giveStateBack}, which a
 * process of the host does as well when no agent is left (node/transship-release).
 * @param root of runc, in which its runtime has it
 */
export const withholdState = async (root: string, containerID: string): Promise<void> => {
  const own = join(root, containerID);
  const [state, copy] = [stateIn(onHost(own)), copyOf(containerID)];
  await mkdir(`${copy}.new`, { recursive: true, mode: 0o700 });
  await copyFile(state, stateIn(`${copy}.new`));
  await writeFile(originIn(`${copy}.new`), root, { mode: 0o600 });
  await rename(`${copy}.new`, copy);
  await run(['mkfifo', '-m', '600', `${state}.transship`]);
  renameSync(`${state}.transship`, state);
  const places = [stateIn(own), join(withheldDirectory, containerID)];
  const release = start(amongHostCgroups(['setsid', releasePath, ...places]));
  release.on('error', () => undefined); // it only stands by for the case that we do not
  for (const pipe of [release.stdin, release.stdout, release.stderr]) pipe?.destroy();
  release.unref();
};

/**
 * As long as we have the FIFO open nobody waits at it, and once it has lost its name nobody comes to it. Who waited there
 * reads what he came for; of several each gets a part, does not understand it, and is sent again by the kubelet.
 */
const replaceFIFO = async (state: string, copy: string): Promise<void> => {
  const text = await readFile(copy);
  await copyFile(copy, `${state}.transship`);
  const fd = openSync(state, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    renameSync(`${state}.transship`, state);
    if (text.length <= pipeBytes) writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
};

/** Does nothing where it is not withheld. */
export const giveStateBack = async (containerID: string): Promise<void> => {
  const [state, copy] = [await originOf(containerID), copyOf(containerID)];
  try {
    if (state !== undefined && (await isFIFO(state))) await replaceFIFO(state, stateIn(copy));
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error; // the container has gone, or the process of the host was first
  }
  for (const each of [copy, `${copy}.new`]) await rm(each, { recursive: true, force: true });
};

/** Of whatever move. */
export const giveAllStatesBack = async (): Promise<void> => {
  const names = await readdir(onHost(withheldDirectory)).catch(() => []); // nothing was ever withheld
  for (const name of names) await giveStateBack(name);
};
