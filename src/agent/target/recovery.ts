import type { Migration } from '../../api/migration.ts';
import type { TargetStep } from '../../migration/target/plan.ts';
import { noClock } from '../../trace/vector-clock.ts';
import { tellUnreadable } from '../journal/unreadable.ts';
import { readEntries, type TargetEntry, unreadableEntries } from './journal.ts';
import type { TargetPorts } from './ports.ts';
import { abandonedMember } from './member.ts';
import type { TargetSide } from './side.ts';
import { processesOf } from './tree.ts';
import { Visit } from './visit.ts';
import { nothingMade } from './work.ts';

const recordOf = ({ name, namespace, migrationUID }: TargetEntry): Migration => ({
  metadata: { name, namespace, uid: migrationUID, resourceVersion: '0' },
  spec: { podName: '', trigger: 'Request', deadlineSeconds: 0 },
});

/** All that another process may have left of a target. A tree that is there may have been promised. */
const found = async (ports: TargetPorts, entry: TargetEntry): Promise<Visit> => {
  const held = (await Promise.all(entry.containers.map(({ id }) => processesOf(ports, id)))).flat();
  const restored: TargetStep[] = held.length > 0 ? ['restore', 'promise'] : [];
  return new Visit({
    work: {
      ...{ ports, entry, members: entry.containers.map(abandonedMember), record: recordOf(entry) },
      ...nothingMade,
      ...{ held, starter: undefined },
    },
    record: undefined,
    done: ['journal', 'stand', 'arrive', 'divert', ...restored],
    isLive: false,
  });
};

/** The images that targets of earlier agents may still be restored from. */
export const imagesInUse = async (): Promise<ReadonlySet<string>> =>
  new Set((await readEntries()).flatMap(({ containers }) => containers.map(({ image }) => image)));

/** Brings targets on this node to what journal and records say. One that is held may wait for its record; nobody waits for it. */
export const recoverTargets = async (ports: TargetPorts, side: TargetSide): Promise<void> => {
  for (const entry of await readEntries()) {
    ports.log.info({ migration: entry.name, pod: entry.podUID }, 'Takes over a target that an earlier agent had left');
    ports.tracer.note(
      { uid: entry.migrationUID, clock: noClock },
      'takes over a target that an earlier agent had left',
    );
    void side.takeOver(await found(ports, entry));
  }
  tellUnreadable(ports.log, 'target', await unreadableEntries());
};
