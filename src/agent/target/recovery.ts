import { type Migration, phaseOf } from '../../api/migration.ts';
import { isCommitted, isFinished } from '../../api/phase.ts';
import { readFile } from 'node:fs/promises';
import { onHost } from '../host/paths.ts';
import { podInterface } from '../network/pod-interface.ts';
import { readRuncState } from '../runtime/runc-state.ts';
import type { TargetPorts } from './ports.ts';
import { continueTree, heldProcesses } from './standing.ts';

const closingAttempts = 20;
const askAgainMs = 500;

/** Stopped by a signal: state T in /proc/PID/stat, the field after the command's closing parenthesis. */
const isStopped = async (pid: number): Promise<boolean> => {
  const stat = await readFile(onHost(`/proc/${pid}/stat`), 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
};

/** A target whose move committed while no agent was here: it may run, and may be the only one that does. */
const releaseLate = async (ports: TargetPorts, migration: Migration): Promise<void> => {
  const id = migration.status?.target?.containerID;
  const container = id === undefined ? undefined : await readRuncState(ports.engine, id).catch(() => undefined); // it has ended since
  if (!container || !(await isStopped(container.pid))) return;
  const pod = await podInterface(container.pid);
  continueTree(await heldProcesses(ports, container.id));
  await ports.routes.apply(`neigh replace ${pod.address.ip} lladdr ${pod.mac} dev ${pod.hostDevice} nud permanent`);
  ports.log.info({ migration: migration.metadata.name }, 'Released a target that an earlier agent had left held');
};

/** What an earlier agent had ready for this target is lost with it, so the move is taken back unless it has committed. */
const settle = async (ports: TargetPorts, migration: Migration, signal: AbortSignal): Promise<void> => {
  let current = migration;
  for (let attempt = 0; attempt < closingAttempts; attempt += 1) {
    const phase = phaseOf(current);
    if (isCommitted(phase)) return releaseLate(ports, current);
    if (isFinished(phase) || phase === 'Preparing') return;
    const finding = {
      reason: 'AgentRestarted',
      message: `The agent of node ${ports.here} was restarted while the target waited there`,
    } as const;
    try {
      current = await ports.record.transition(current, { to: 'Failed', finding }, signal);
    } catch (error) {
      ports.log.warn(
        { error, migration: current.metadata.name },
        'Could not close the record of a move that an earlier agent began',
      );
      await ports.clock.sleep(askAgainMs, signal);
      current = await ports.record.read(current, signal);
    }
  }
};

/** Brings targets on this node to what their records say, before new ones are received. */
export const recoverTargets = async (ports: TargetPorts, signal: AbortSignal): Promise<void> => {
  for (const migration of ports.migrations.items()) {
    const { target } = migration.status ?? {};
    if (target?.nodeName === ports.here && phaseOf(migration) !== 'Succeeded') await settle(ports, migration, signal);
  }
};
