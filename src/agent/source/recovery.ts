import { type Migration, phaseOf } from '../../api/migration.ts';
import { isCommitted, isFinished } from '../../api/phase.ts';
import { migrations } from '../../api/resource.ts';
import { isNotFound } from '../../kube/api-error.ts';
import { freezerOf } from '../checkpoint/freezer.ts';
import { readRuncState } from '../runtime/runc-state.ts';
import { fence } from './fence.ts';
import { readEntries, removeEntry, type SourceEntry } from './journal.ts';
import { unlockNetwork } from './network-lock.ts';
import type { SourcePorts } from './ports.ts';

const askAgainMs = 1_000;

/** The record of an entry, however long the API server takes; undefined when there is none any more. */
const recordOf = async (
  { api, clock, log }: SourcePorts,
  entry: SourceEntry,
  signal: AbortSignal,
): Promise<Migration | undefined> => {
  for (;;) {
    try {
      const migration = await api.get(migrations, { namespace: entry.namespace, name: entry.name }, signal);
      return migration.metadata.uid === entry.migrationUID ? migration : undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      log.warn({ error, migration: entry.name }, 'Could not read the record of a move that an earlier agent began');
      await clock.sleep(askAgainMs, signal);
    }
  }
};

/** The record as decided: an open one is closed, because this process cannot go on where another was killed. */
const decided = async (ports: SourcePorts, entry: SourceEntry, signal: AbortSignal): Promise<'thaw' | 'fence'> => {
  if (entry.committed) return 'fence';
  for (;;) {
    const migration = await recordOf(ports, entry, signal);
    if (!migration) return 'thaw';
    const phase = phaseOf(migration);
    if (isCommitted(phase)) return 'fence';
    if (isFinished(phase)) return 'thaw';
    const finding = {
      reason: 'AgentRestarted',
      message: `The agent of node ${ports.here} was restarted while it moved the pod`,
    } as const;
    await ports.record.transition(migration, { to: 'Failed', finding }, signal).catch((error: unknown) => {
      ports.log.warn(
        { error, migration: entry.name },
        'Could not close the record of a move that an earlier agent began',
      );
    });
    await ports.clock.sleep(askAgainMs / 10, signal);
  }
};

const recover = async (ports: SourcePorts, entry: SourceEntry, signal: AbortSignal): Promise<void> => {
  const container = await readRuncState(entry.runtime, entry.containerID).catch(() => undefined); // it has been killed: nothing stands still
  const side = await decided(ports, entry, signal);
  ports.log.info(
    { migration: entry.name, side, container: container?.id },
    'Brought back a source that an earlier agent had left',
  );
  if (side === 'fence' && container) await fence(ports.routes, entry);
  if (side === 'thaw') {
    await ports.routes.release(entry.ip);
    if (container) {
      await unlockNetwork(container.pid);
      freezerOf(container.cgroups).thaw();
    }
  }
  if (side === 'thaw' || !container) await removeEntry(entry.migrationUID);
};

/** Forgets moves whose source has gone from the node. */
export const forgetGoneSources = async (): Promise<void> => {
  for (const entry of await readEntries()) {
    if (!entry.committed) continue;
    const alive = await readRuncState(entry.runtime, entry.containerID).then(
      () => true,
      () => false,
    );
    if (!alive) await removeEntry(entry.migrationUID);
  }
};

/**
 * Brings the node to what the records say before the agent takes new work.
 * A source that another process left frozen is thawed only when its move can no
 * longer commit.
 */
export const recoverSources = async (ports: SourcePorts, signal: AbortSignal): Promise<void> => {
  for (const entry of await readEntries()) await recover(ports, entry, signal);
};
