import type { Migration } from '../../api/migration.ts';
import { isRemoved } from '../../migration/namesake/removal.ts';
import { isOver } from '../../migration/status.ts';
import { freezerOf } from '../checkpoint/freezer.ts';
import { readRuncState, type RuncState } from '../runtime/runc-state.ts';
import { signalEach } from '../runtime/signal.ts';
import type { SourcePorts } from './ports.ts';
import { allHeld, letSignalsThrough } from './signals.ts';

const lookAgainMs = 20;
/** Five seconds: a killed process that does not end by then is in the kernel (state D), and is looked at again later. */
const mostLooks = 250;
const writeAttempts = 8;

type Ports = Pick<SourcePorts, 'runtime' | 'record' | 'clock' | 'log'>;

const containerOf = ({ runtime }: Ports, containerID: string): Promise<RuncState | undefined> =>
  readRuncState(runtime.name, containerID).catch(() => undefined); // it has ended

/** Its object is gone, and a pod of its name comes back only when nothing of it runs any more. */
const endProcesses = async (ports: Ports, containerID: string, signal: AbortSignal): Promise<void> => {
  for (let look = 0; look < mostLooks; look += 1) {
    const container = await containerOf(ports, containerID);
    const freezer = container && freezerOf(container.cgroups);
    const processes = (await freezer?.processes().catch(() => [])) ?? []; // its cgroup has gone with it
    if (processes.length === 0) return;
    freezer?.thaw(); // under cgroup v1 a frozen process is not even killed
    signalEach(processes, 'SIGKILL');
    await ports.clock.sleep(lookAgainMs, signal);
  }
  throw new Error(`the processes of container ${containerID} do not end`);
};

const noteEnd = async (ports: Ports, migration: Migration, signal: AbortSignal): Promise<void> => {
  for (let attempt = 0; attempt < writeAttempts; attempt += 1) {
    try {
      const current = await ports.record.read(migration, signal);
      const { source } = current.status ?? {};
      if (source && source.ended !== true)
        await ports.record.note(current, undefined, { source: { ...source, ended: true } }, signal);
      return;
    } catch (error) {
      ports.log.warn({ error, migration: migration.metadata.name }, 'Could not write that a source has ended');
      await ports.clock.sleep(50 * 2 ** attempt, signal);
    }
  }
  throw new Error(`the end of the source of Migration ${migration.metadata.name} could not be written`);
};

/**
 * What becomes of a source whose signals were held, once its move has failed: it
 * runs on as if nothing had been, or, where its object was removed, it is ended,
 * and that is written down.
 */
export const farewell = async (ports: Ports, migration: Migration, signal: AbortSignal): Promise<void> => {
  const holds = (await allHeld()).filter(({ migrationUID }) => migrationUID === migration.metadata.uid);
  if (isRemoved(migration)) {
    for (const { id } of migration.status?.source?.containers ?? []) await endProcesses(ports, id, signal);
    await noteEnd(ports, migration, signal);
  }
  for (const { facts } of holds) await letSignalsThrough(facts.id);
};

/** Lets go of sources whose record is gone, or whose move is over: nobody else does. */
export const forgetHolds = async (migrations: readonly Migration[]): Promise<void> => {
  for (const { migrationUID, facts } of await allHeld()) {
    const record = migrations.find(({ metadata }) => metadata.uid === migrationUID);
    if (!record || isOver(record)) await letSignalsThrough(facts.id);
  }
};
