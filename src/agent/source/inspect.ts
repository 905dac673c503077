import { type Migration, phaseOf } from '../../api/migration.ts';
import { mayFollow } from '../../api/phase.ts';
import { type Finding, ReasonedError, sentenceOf } from '../../api/reasons.ts';
import { reach } from '../../failpoint/reach.ts';
import { isOfNamesakes } from '../../migration/namesake/kind.ts';
import { findingOf } from '../blame.ts';
import type { SourcePorts } from './ports.ts';
import { holdSignals } from './signals.ts';
import { inspectSource } from './inspection.ts';
import { findSource } from './source-facts.ts';

const writeAttempts = 8;

const look = async (ports: SourcePorts, migration: Migration, signal: AbortSignal): Promise<void> => {
  const source = await findSource(ports.api, ports.runtime, migration, signal);
  const { status, findings } = await inspectSource(ports.runtime, migration, source, signal);
  await reach(ports.points, 'source.inspected', migration);
  const [first] = findings;
  if (first) throw new ReasonedError(first.reason, sentenceOf(findings));
  const signalsHeld = isOfNamesakes(migration);
  const { podUID, sandboxID, isWrapped } = source;
  const holder = isWrapped ? 'wrapper' : ports.runtime.name;
  if (signalsHeld)
    for (const { runc } of source.containers)
      await holdSignals(migration.metadata.uid, { id: runc.id, podUID, sandboxID }, holder);
  const message = `Pod ${migration.metadata.namespace ?? ''}/${migration.spec.podName} can be dumped on node ${ports.here}`;
  await ports.record.note(
    migration,
    { type: 'Movable', status: 'True', reason: 'SourceInspected', message },
    { source: { ...status, ...(signalsHeld && { signalsHeld, stateWithheld: !isWrapped }) } },
    signal,
  );
};

/** Writes what stands in the way. Whoever ended the move first wins. */
const refuse = async (
  ports: SourcePorts,
  migration: Migration,
  finding: Finding,
  signal: AbortSignal,
): Promise<void> => {
  let current = migration;
  for (let attempt = 0; attempt < writeAttempts && !signal.aborted; attempt += 1) {
    if (phaseOf(current) !== 'Inspecting' || !mayFollow(phaseOf(current), 'Failed')) return;
    try {
      await ports.record.end(current, finding, { isTargetWaiting: false }, signal);
      return;
    } catch (error) {
      ports.log.warn(
        { error, migration: current.metadata.name },
        'Could not write what stands in the way, tries again',
      );
      await ports.clock.sleep(100 * 2 ** attempt, signal).catch(() => undefined); // the loop's condition ends it
      current = await ports.record.read(current, signal).catch(() => current); // the next attempt tells
    }
  }
};

/** Looks at the processes of a source and writes into the record that they can be dumped, or every reason why not. */
export const inspect = async (ports: SourcePorts, migration: Migration, signal: AbortSignal): Promise<void> => {
  try {
    await look(ports, migration, signal);
  } catch (error) {
    ports.log.warn({ error, migration: migration.metadata.name }, 'A source cannot be moved');
    await refuse(ports, migration, findingOf(error), signal);
  }
};
