import { attemptOf, type Migration, phaseOf } from '../../api/migration.ts';
import { isCommitted, isTakenBack } from '../../api/phase.ts';
import { askedBack } from '../taking-back/asked-back.ts';
import { afterFault } from '../attempt.ts';
import { notBeforeOf } from '../deadline.ts';
import { movable } from '../move-fixture.ts';
import { decideSource, type SourceRules } from '../source/decide.ts';
import { mayStand, type SourceStep, sourceWay, type UndoableSourceStep } from '../source/plan.ts';
import { laterOf, phaseChange, type Verdict } from '../status.ts';
import { isDueForFarewell } from '../namesake/farewell.ts';
import { isRemoved } from '../namesake/removal.ts';
import { latest, placeOf, type SourceMemory, swap, type World } from './world.ts';

/** What chance decides about one act: which of the things that can happen does. */
export type Luck = 'well' | 'fails' | 'applied-unanswered' | 'unanswered';

const fault = (reason: Verdict['reason']): Verdict => ({ reason, message: 'by chance' });

const change = (world: World, memory: SourceMemory, changes: Partial<SourceMemory>): void => {
  world.memory.source = { ...memory, ...changes };
};

const with_ = (done: ReadonlySet<SourceStep>, step: SourceStep): ReadonlySet<SourceStep> => new Set([...done, step]);

const fresh = (attempt: number, isLive: boolean): SourceMemory => ({
  record: undefined,
  attempt,
  done: new Set(isLive ? [] : mayStand),
  asked: false,
  isLive,
  fault: undefined,
  isStopping: false,
  connection: undefined,
  isTargetWaiting: isLive,
});

/** What a process finds when it has nothing in memory: a journal, or a record that asks for it. */
const begin = (world: World): void => {
  const { journal, mark } = world.source;
  if (journal !== undefined) {
    world.memory.source = { ...fresh(journal, false), asked: mark };
    return;
  }
  const heard = world.memory.heard.source;
  const phase = phaseOf(heard);
  const isTurn =
    phase === 'Moving' || (phase === 'Arrived' && world.now >= notBeforeOf(heard)) || phase === 'Committed';
  // Moving without a journal was left by a process that had nothing to leave but the record.
  if (isTurn)
    world.memory.source = {
      ...fresh(attemptOf(heard), phase === 'Arrived'),
      ...(phase !== 'Arrived' && { done: new Set() }),
      record: heard,
    };
};

const read = (world: World, memory: SourceMemory): SourceMemory => {
  if (world.record.isAway) return memory;
  const next = { ...memory, record: latest(world) };
  world.memory.source = next;
  return next;
};

const inspect = (world: World, luck: Luck): void => {
  const heard = world.memory.heard.source;
  if (world.record.isAway || luck === 'fails' || world.source.state !== 'runs') return;
  const { source } = heard.status ?? {};
  const held = source?.keepsName === true && { source: { ...source, signalsHeld: true } };
  swap(world, heard.metadata.resourceVersion, { conditions: [movable], ...held });
};

/** What was sent finds another version of the record, and so is never written. */
const yieldTo = (world: World, memory: SourceMemory): void => {
  world.source.mark = false;
  change(world, memory, { asked: false });
};

const ask = (world: World, memory: SourceMemory, luck: Luck): void => {
  world.source.mark = true;
  if (memory.asked) askAgain(world, read(world, memory), luck);
  else send(world, memory, luck);
};

const askAgain = (world: World, memory: SourceMemory, luck: Luck): void => {
  const record = memory.record as Migration;
  const phase = phaseOf(record);
  if (isCommitted(phase) || isTakenBack(phase) || attemptOf(record) !== memory.attempt) return;
  if (askedBack(record) === undefined) send(world, memory, luck);
  else yieldTo(world, memory);
};

const send = (world: World, memory: SourceMemory, luck: Luck): void => {
  const record = memory.record as Migration;
  const { status } = phaseChange(record, { to: 'Committed', now: world.now, reason: 'Committed', message: '' });
  const base = record.metadata.resourceVersion;
  change(world, memory, { asked: true });
  if (luck === 'unanswered' || world.record.isAway) {
    world.record.underway.push({ base, status });
    return;
  }
  const isWritten = swap(world, base, status);
  if (luck === 'applied-unanswered') return;
  // A conflict leaves it in doubt: an earlier patch of ours may be what it conflicts with.
  read(world, { ...world.memory.source!, ...(isWritten && { done: with_(memory.done, 'ask') }) });
};

type Doing = (world: World, memory: SourceMemory, luck: Luck) => Verdict | 'wait' | undefined;

const claim: Doing = (world, memory) => {
  const record = memory.record as Migration;
  const { status } = phaseChange(record, { to: 'Moving', now: world.now, reason: 'Moving', message: '' });
  if (world.record.isAway || !swap(world, record.metadata.resourceVersion, status)) return fault('CommitRefused');
  change(world, memory, { record: latest(world) });
  return undefined;
};

const connect: Doing = (world, memory, luck) => {
  const uid = (memory.record as Migration).status?.target?.podUID ?? '';
  const place = placeOf(world, uid);
  const peer = world.memory.targets.get(uid);
  world.source.image = true;
  if (luck === 'fails' || !place?.stands || !peer || peer.isConnected || !peer.done.has('arrive'))
    return fault('PeerUnreachable');
  const connection = { podUID: uid, isOpen: true, toTarget: new Set<never>(), toSource: new Set<never>() };
  world.connections.push(connection);
  world.memory.targets.set(uid, { ...peer, connection, isConnected: true });
  change(world, memory, { connection });
  return undefined;
};

const doings: { readonly [S in Exclude<SourceStep, 'ask'>]: Doing } = {
  claim,
  connect,
  journal: (world, memory) => {
    if (world.laws.journals) world.source.journal = memory.attempt;
    return undefined;
  },
  copy: (_world, memory, luck) =>
    luck === 'fails' || !memory.connection?.isOpen ? fault('StreamTruncated') : undefined,
  shut: (world, _memory, luck) => {
    world.source.isShut = true;
    return luck === 'fails' ? fault('AgentFault') : undefined;
  },
  freeze: (world, _memory, luck) => {
    if (world.source.state !== 'runs') return fault('SourceGone');
    if (luck === 'fails') return fault('AgentFault');
    world.source.state = 'frozen';
    return undefined;
  },
  dump: (world, _memory, luck) => {
    world.source.isLocked = true;
    return luck === 'fails' ? fault('DumpFailed') : undefined;
  },
  divert: (world, { connection }) => {
    if (!connection?.isOpen) return fault('StreamTruncated');
    connection.toTarget.add('frozen');
    world.source.isDiverted = true;
    return undefined;
  },
  send: (world, memory, luck) => {
    if (luck === 'fails' || !memory.connection?.isOpen) return fault('StreamTruncated');
    memory.connection.toTarget.add('image');
    change(world, memory, { isTargetWaiting: false });
    return undefined;
  },
  hold: (_world, { connection }) => {
    if (connection?.toSource.has('held')) return undefined;
    return connection?.isOpen && !connection.toSource.has('failed') ? 'wait' : fault('StreamTruncated');
  },
  tell: (_world, { connection }) => {
    if (connection?.isOpen) connection.toTarget.add('committed');
    return undefined;
  },
  fence: (world) => {
    if (world.source.state !== 'gone') world.source.state = 'fenced';
    return undefined;
  },
  conclude: (world, { connection }) => {
    if (connection) connection.isOpen = false;
    Object.assign(world.source, { image: false, journal: undefined, mark: false });
    Object.assign(world.source, { isDiverted: false, isShut: false, isLocked: false });
    return undefined;
  },
};

const undoings: { readonly [S in UndoableSourceStep]: (world: World, memory: SourceMemory) => void } = {
  connect: (world, { connection }) => {
    if (connection) connection.isOpen = false;
    world.source.image = false;
  },
  journal: (world) => {
    world.source.journal = undefined;
    world.source.mark = false;
  },
  shut: (world) => {
    world.source.isShut = false;
  },
  freeze: (world) => {
    if (world.source.state === 'frozen') world.source.state = 'runs';
  },
  dump: (world) => {
    Object.assign(world.source, { isShut: false, isLocked: false });
  },
  divert: (world) => {
    world.source.isDiverted = false;
  },
};

const isInspected = ({ status }: Migration): boolean =>
  status?.conditions?.some((condition) => condition.type === 'Movable' && condition.status === 'True') ?? false;

const informed = (world: World, memory: SourceMemory): SourceMemory => {
  if (memory.record === 'gone') return memory;
  const record = memory.record && laterOf(memory.record, world.memory.heard.source);
  const known = { ...memory, record };
  world.memory.source = known;
  return known;
};

const leave = (world: World, { connection }: SourceMemory): void => {
  if (connection) connection.isOpen = false;
  world.memory.source = undefined;
};

const close = (world: World, memory: SourceMemory, verdict: Verdict): void => {
  const record = memory.record as Migration;
  const { status } = afterFault(record, verdict, { now: world.now, isTargetWaiting: memory.isTargetWaiting });
  if (!world.record.isAway) swap(world, record.metadata.resourceVersion, status);
  read(world, memory);
};

const perform = (world: World, memory: SourceMemory, step: SourceStep, luck: Luck): void => {
  if (step === 'ask') {
    ask(world, memory, luck);
    return;
  }
  // An undoable step counts from its beginning: it may be half done when it fails.
  change(world, memory, { done: with_(memory.done, step) });
  const outcome = doings[step](world, world.memory.source!, luck);
  const after = world.memory.source!;
  if (outcome === 'wait') change(world, after, { done: memory.done });
  else if (outcome) change(world, after, { fault: outcome });
};

/** Its object was removed, and the move has failed: it ends, and that is written down. */
const partIfDue = (world: World, heard: Migration): void => {
  if (!isDueForFarewell(heard)) return;
  if (isRemoved(heard)) world.source.state = 'gone';
  const { source } = latest(world).status ?? {};
  if (isRemoved(heard) && source && !world.record.isAway)
    swap(world, heard.metadata.resourceVersion, { source: { ...source, ended: true } });
};

/** One act of the source's agent, as it decides it now. */
export const actAsSource = (world: World, luck: Luck, rules?: SourceRules): void => {
  if (world.nodeIsGone.source) return;
  const heard = world.memory.heard.source;
  if (phaseOf(heard) === 'Inspecting' && !isInspected(heard)) inspect(world, luck);
  if (!world.memory.source) begin(world);
  if (!world.memory.source) partIfDue(world, heard);
  else carryOn(world, world.memory.source, luck, rules);
};

const carryOn = (world: World, before: SourceMemory, luck: Luck, rules: SourceRules | undefined): void => {
  const memory = informed(world, before);
  const act = decideSource(memory, rules);
  if (act.act === 'over') leave(world, memory);
  else if (act.act === 'read') read(world, memory);
  else if (act.act === 'close') close(world, memory, act.verdict);
  else if (act.act === 'undo') {
    undoings[act.step](world, memory);
    change(world, memory, { done: sourceWay.upTo(act.step, memory.done) });
  } else perform(world, memory, act.step, luck);
};

/** The process is killed; its guard, on the host, takes the freeze back unless a commit may be under way. */
export const killSourceAgent = (world: World): void => {
  const { memory, source } = world;
  if (memory.source?.connection) memory.source.connection.isOpen = false;
  const mayThaw = !source.mark || !world.laws.guardHeedsMark;
  if (memory.source && mayThaw && ['runs', 'frozen'].includes(source.state))
    Object.assign(source, { state: 'runs', isDiverted: false, isShut: false, isLocked: false });
  memory.source = undefined;
  source.image = false; // the next process wipes what it finds
};
