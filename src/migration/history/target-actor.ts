import { type Migration, phaseOf } from '../../api/migration.ts';
import { afterFault } from '../attempt.ts';
import { target } from '../move-fixture.ts';
import { laterOf, phaseChange, type StatusPatch, type Verdict } from '../status.ts';
import { decideTarget, type TargetRules } from '../target/decide.ts';
import { type TargetStep, targetWay, type UndoableTargetStep } from '../target/plan.ts';
import type { Luck } from './source-actor.ts';
import { latest, placeOf, swap, type TargetMemory, type TargetPlace, type World } from './world.ts';

const fault = (reason: Verdict['reason']): Verdict => ({ reason, message: 'by chance' });

const change = (world: World, memory: TargetMemory, changes: Partial<TargetMemory>): void => {
  world.memory.targets.set(memory.podUID, { ...memory, ...changes });
};

const fresh = (podUID: string, done: readonly TargetStep[], isLive: boolean): TargetMemory => ({
  record: undefined,
  podUID,
  done: new Set(done),
  isToldCommitted: false,
  isConnected: false,
  isLive,
  fault: undefined,
  isStopping: false,
  connection: undefined,
});

/** What a process finds that has nothing in memory of this target: a journal, or a container at the rendezvous. */
const begin = (world: World, place: TargetPlace): TargetMemory | undefined => {
  const heard = world.memory.heard.target;
  if (place.journal) {
    const restored: TargetStep[] = place.tree === 'none' ? [] : ['restore', 'promise'];
    return fresh(place.uid, ['journal', 'stand', 'arrive', 'divert', 'receive', ...restored], false);
  }
  const isExpected = phaseOf(heard) === 'Preparing' && heard.status?.target?.podUID === place.uid;
  return place.waits && isExpected ? { ...fresh(place.uid, [], true), record: heard } : undefined;
};

const read = (world: World, memory: TargetMemory): void => {
  if (!world.record.isAway) change(world, memory, { record: latest(world) });
};

type Doing = (world: World, memory: TargetMemory, place: TargetPlace, luck: Luck) => Verdict | 'wait' | undefined;

const doings: { readonly [S in TargetStep]: Doing } = {
  journal: (world, _memory, place) => {
    place.journal = world.laws.journals;
    return undefined;
  },
  stand: (_world, _memory, place, luck) => {
    place.stands = true;
    place.image = true;
    return luck === 'fails' ? fault('AddressConflict') : undefined;
  },
  arrive: (world, memory, _place, luck) => {
    const record = memory.record as Migration;
    const { containers } = target;
    const fields = { target: { podName: '', ...record.status?.target, containers } };
    const said = { reason: 'TargetArrived', message: '' } as const;
    const { status } = phaseChange(record, { to: 'Arrived', now: world.now, ...said, fields });
    if (phaseOf(record) !== 'Preparing') return fault('RendezvousUnknown');
    if (world.record.isAway || luck === 'fails') return fault('AgentFault');
    if (!swap(world, record.metadata.resourceVersion, status)) return fault('CommitRefused');
    read(world, memory);
    return undefined;
  },
  divert: (_world, { connection }, place) => {
    if (!connection?.toTarget.has('frozen')) return 'wait';
    place.isDiverted = true;
    return undefined;
  },
  receive: (_world, { connection }, _place, luck) => {
    if (luck === 'fails') return fault('StreamCorrupted');
    return connection?.toTarget.has('image') ? undefined : 'wait';
  },
  restore: (_world, _memory, place, luck) => {
    if (!place.waits) return fault('TargetPodGone');
    place.waits = false;
    if (luck === 'fails') return fault('RestoreFailed');
    place.tree = 'held';
    return undefined;
  },
  promise: (_world, { connection }) => {
    connection?.toSource.add('held');
    return undefined;
  },
  release: (_world, _memory, place) => {
    if (place.tree === 'held') place.tree = 'runs';
    return undefined;
  },
  note: (world, memory) => {
    if (world.record.isAway) return 'wait';
    const record = latest(world);
    if (record.status?.target?.releaseTime === undefined && phaseOf(record) === 'Committed')
      swap(world, record.metadata.resourceVersion, {
        target: { ...record.status!.target!, releaseTime: 'now' },
      });
    read(world, memory);
    return undefined;
  },
  tidy: (_world, _memory, place) => {
    Object.assign(place, { journal: false, stands: false, image: false, isDiverted: false });
    return undefined;
  },
};

const undoings: { readonly [S in UndoableTargetStep]: (place: TargetPlace) => void } = {
  journal: (place) => {
    place.journal = false;
  },
  stand: (place) => {
    Object.assign(place, { stands: false, image: false, waits: false });
  },
  divert: (place) => {
    place.isDiverted = false;
  },
  receive: () => undefined,
  restore: (place) => {
    place.tree = 'none';
  },
};

const perform = (world: World, memory: TargetMemory, step: TargetStep, luck: Luck): void => {
  const place = placeOf(world, memory.podUID)!;
  change(world, memory, { done: new Set([...memory.done, step]) });
  const outcome = doings[step](world, world.memory.targets.get(memory.podUID)!, place, luck);
  const after = world.memory.targets.get(memory.podUID)!;
  if (outcome === 'wait') change(world, after, { done: memory.done });
  else if (outcome) change(world, after, { fault: outcome });
};

const part = (memory: TargetMemory): void => {
  if (!memory.connection) return;
  if (memory.fault) memory.connection.toSource.add('failed');
  memory.connection.isOpen = false;
};

const informed = (world: World, memory: TargetMemory): TargetMemory => {
  const isConnected = memory.connection?.isOpen ?? false;
  const heard = world.memory.heard.target;
  return {
    ...memory,
    isConnected,
    isToldCommitted: memory.isToldCommitted || (memory.connection?.toTarget.has('committed') ?? false),
    record: memory.record && memory.record !== 'gone' ? laterOf(memory.record, heard) : memory.record,
  };
};

const lost = (record: Migration, now: number): StatusPatch =>
  phaseChange(record, { to: 'Lost', now, reason: 'TargetLost', message: '' });

const write = (world: World, memory: TargetMemory, patchOf: (record: Migration) => StatusPatch): void => {
  const record = memory.record as Migration;
  if (!world.record.isAway) swap(world, record.metadata.resourceVersion, patchOf(record).status);
  read(world, memory);
};

/** One act of the target's agent about one target, as it decides it now. */
export const actAsTarget = (world: World, place: TargetPlace, luck: Luck, rules?: TargetRules): void => {
  if (world.nodeIsGone.target) return;
  const found = world.memory.targets.get(place.uid) ?? begin(world, place);
  if (!found) return;
  const memory = informed(world, found);
  world.memory.targets.set(place.uid, memory);
  const act = decideTarget(memory, rules);
  if (act.act === 'over') {
    part(memory);
    world.memory.targets.delete(place.uid);
  } else if (act.act === 'read' || act.act === 'wait') read(world, memory);
  else if (act.act === 'close') write(world, memory, (record) => afterFault(record, act.verdict, { now: world.now }));
  else if (act.act === 'lose') write(world, memory, (record) => lost(record, world.now));
  else if (act.act === 'undo') {
    part(memory);
    undoings[act.step](place);
    change(world, memory, { done: targetWay.upTo(act.step, memory.done) });
  } else perform(world, memory, act.step, luck);
};

export const killTargetAgent = (world: World): void => {
  for (const memory of world.memory.targets.values()) if (memory.connection) memory.connection.isOpen = false;
  world.memory.targets.clear();
};

/** The kubelet of the target's node starts what is bound to it. */
export const startContainers = (world: World): void => {
  if (world.nodeIsGone.target) return;
  for (const place of world.targets)
    if (place.exists && !place.waits && !place.journal && place.tree === 'none' && !place.isCold)
      startContainer(world, place);
};

/** It kills what is deleted, each in its own time. */
export const endContainers = (world: World): void => {
  for (const place of world.targets) if (!place.exists) Object.assign(place, { tree: 'none', waits: false });
};

/** A container that is started after the commit is an ordinary restart; before it, it waits for its image. */
const startContainer = (world: World, place: TargetPlace): void => {
  const record = latest(world);
  const isAfter = ['Committed', 'Succeeded', 'Lost'].includes(phaseOf(record));
  if (isAfter && record.status?.target?.podUID === place.uid) place.isCold = true;
  else place.waits = true;
};
