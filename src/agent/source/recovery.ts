import { noClock } from '../../trace/vector-clock.ts';
import { readRuncState } from '../runtime/runc-state.ts';
import { SourceAttempt } from './attempt.ts';
import { guardGone } from './guard.ts';
import { tellUnreadable } from '../journal/unreadable.ts';
import { guardMarkOf, readEntries, removeEntry, takeThawed, unreadableEntries } from './journal.ts';
import type { SourcePorts } from './ports.ts';
import type { SourceSide } from './side.ts';

/** Forgets moves whose source has gone from the node. */
export const forgetGoneSources = async (): Promise<void> => {
  for (const entry of await readEntries()) {
    if (!entry.committed) continue;
    const states = await Promise.allSettled(entry.containers.map((id) => readRuncState(entry.runtime, id)));
    if (states.every(({ status }) => status === 'rejected')) await removeEntry(entry.migrationUID);
  }
};

/**
 * Brings the node to what journal and records say before the agent takes new
 * work. A source that another process left frozen is thawed only when its move
 * can no longer commit.
 */
export const recoverSources = async (ports: SourcePorts, side: SourceSide, signal: AbortSignal): Promise<void> => {
  for (const entry of await readEntries()) {
    for (const id of entry.containers) await guardGone(guardMarkOf(entry.migrationUID, id), ports.clock, signal);
    ports.log.info({ migration: entry.name, attempt: entry.attempt }, 'Takes over what an earlier agent had left');
    ports.tracer.note(
      { uid: entry.migrationUID, clock: noClock },
      'takes over a source that an earlier agent had left',
    );
    await side.takeOver(await SourceAttempt.found(ports, entry), entry.migrationUID);
  }
  tellUnreadable(ports.log, 'source', await unreadableEntries());
  for (const note of await takeThawed()) ports.log.warn(note, 'A guard thawed a source when the agent had died');
};
