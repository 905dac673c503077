import { closeSync, constants, existsSync, openSync, unlinkSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { RuntimeName } from '../../api/migration.ts';
import { run } from '../host/command.ts';
import { heldDirectory } from '../host/paths.ts';
import { giveStateBack, isWithheld, withholdState } from '../host/withheld-state.ts';
import type { ContainerFacts } from '../runtime/port.ts';
import { readRuncState } from '../runtime/runc-state.ts';

/**
 * A source whose object is about to be removed gets no signals: the wrapper of its
 * runtime waits at a FIFO with the container's name. Where it was started without
 * the wrapper runc itself waits, for the state that it reads before it sends any
 * (host/withheld-state.ts). The note beside the FIFO says what the engine cannot
 * be asked any more, because dockerd has the lock of a container for as long as it
 * stops it (moby daemon/kill.go, killWithSignal).
 */
const held = z.object({
  migrationUID: z.string(),
  facts: z.object({ id: z.string(), podUID: z.string(), sandboxID: z.string() }),
});
export type Held = z.infer<typeof held>;

const fifoOf = (containerID: string): string => join(heldDirectory, containerID);
const noteOf = (containerID: string): string => `${fifoOf(containerID)}.json`;

const hasCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;

/** What keeps signals away from a container: the wrapper that it was started under, or the runc of this engine. */
export type Holder = 'wrapper' | RuntimeName;

const isHeld = (containerID: string, holder: Holder): boolean | Promise<boolean> =>
  holder === 'wrapper' ? existsSync(fifoOf(containerID)) : isWithheld(containerID);

const hold = async (containerID: string, holder: Holder): Promise<void> => {
  if (holder === 'wrapper') await run(['mkfifo', '-m', '600', fifoOf(containerID)]);
  else await withholdState((await readRuncState(holder, containerID)).root, containerID);
};

/**
 * Does nothing where they are held already. The undo of it is {@link letSignalsThrough}. The note comes first: whoever
 * finds it takes the FIFO away, and a FIFO without one would stay for ever.
 */
export const holdSignals = async (migrationUID: string, facts: ContainerFacts, holder: Holder): Promise<void> => {
  const note = noteOf(facts.id);
  const known = await heldNote(facts.id);
  if (known?.migrationUID === migrationUID && (await isHeld(facts.id, holder))) return;
  await letSignalsThrough(facts.id); // of an earlier move, or half made by an agent that was killed
  await mkdir(heldDirectory, { recursive: true, mode: 0o700 });
  await writeFile(`${note}.new`, JSON.stringify({ migrationUID, facts }), { mode: 0o600 });
  await rename(`${note}.new`, note);
  await hold(facts.id, holder);
};

/**
 * However they are held. A signal that waits is sent at once. As long as we have the FIFO open for writing nobody waits
 * at it, and once it has lost its name nobody comes to it.
 */
export const letSignalsThrough = async (containerID: string): Promise<void> => {
  const path = fifoOf(containerID);
  try {
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    unlinkSync(path);
    closeSync(fd);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error; // the wrapper does not
  }
  await giveStateBack(containerID);
  await rm(noteOf(containerID), { force: true });
};

const heldNote = async (containerID: string): Promise<Held | undefined> => {
  const text = await readFile(noteOf(containerID), 'utf8').catch(() => undefined); // nobody holds them
  return text === undefined ? undefined : held.parse(JSON.parse(text));
};

/** What was known of a container when its signals began to be held; undefined when they are not. */
export const heldFacts = async (containerID: string): Promise<ContainerFacts | undefined> =>
  (await heldNote(containerID))?.facts;

export const allHeld = async (): Promise<readonly Held[]> => {
  const names = await readdir(heldDirectory).catch(() => []); // nothing was ever held
  const notes = await Promise.all(
    names.filter((name) => name.endsWith('.json')).map((name) => heldNote(name.slice(0, -'.json'.length))),
  );
  return notes.filter((note) => note !== undefined);
};
