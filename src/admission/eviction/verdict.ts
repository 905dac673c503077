import { type Migration, phaseOf } from '../../api/migration.ts';
import { migrateAnnotation } from '../../api/names.ts';
import { isCommitted } from '../../api/phase.ts';
import type { Pod } from '../../api/pod.ts';
import { sentenceOf } from '../../api/reasons.ts';
import { timestamp } from '../../clock/clock.ts';
import { phaseSince } from '../../migration/status.ts';
import { annotationMistakes } from '../annotation-mistakes.ts';
import type { EvictionFacts } from './facts.ts';
import { denies, type EvictionVerdict, passes, warns } from './outcome.ts';
import * as moves from './moves-of-pod.ts';
import { ofStaying } from './staying-pod.ts';
import { evictionTable as table } from './table.ts';
import { progressOf, refOf, targetText } from './words.ts';

/** As the caller names it: of a pod that is gone no more is known. */
const askedFor = ({ eviction: { namespace, name } }: EvictionFacts): string => `${namespace}/${name}`;

const moving = (pod: string, move: Migration): EvictionVerdict =>
  denies('moving', table.moving.says({ pod, migration: refOf(move), progress: progressOf(move) }));

const ofAbsent = (facts: EvictionFacts): EvictionVerdict => {
  const between = moves.moveBetween(facts.eviction.name, facts.migrations);
  return between ? moving(askedFor(facts), between) : passes('absent');
};

/** Whoever means another pod than the one that has the name must not get that one. */
const ofOther = (uid: string, facts: EvictionFacts): EvictionVerdict => {
  const move = moves.moveOfUID(uid, facts.migrations);
  if (!move) return passes('otherUID');
  if (moves.isUnfinished(move)) return moving(askedFor(facts), move);
  if (phaseOf(move) !== 'Succeeded') return passes('otherUID');
  const words = { pod: askedFor(facts), migration: refOf(move), target: targetText(move) };
  return denies('movedUID', table.movedUID.says(words));
};

/** A move to this pod under its own name is, to whoever names no UID, the move of this pod. */
const ofComing = (pod: Pod, move: Migration, { eviction }: EvictionFacts): EvictionVerdict =>
  moves.keepsName(move) && eviction.podUID === undefined
    ? moving(refOf(pod), move)
    : denies('target', table.target.says({ pod: refOf(pod), migration: refOf(move), progress: progressOf(move) }));

const ofArrived = (pod: Pod, move: Migration): EvictionVerdict => {
  const until = timestamp(phaseSince(move) + moves.staleMs);
  return denies(
    'arrived',
    table.arrived.says({ pod: refOf(pod), migration: refOf(move), target: targetText(move), until }),
  );
};

const ofUnasked = (pod: Pod): EvictionVerdict => {
  const mistakes = annotationMistakes(pod);
  return mistakes.length > 0
    ? warns('misspelt', table.misspelt.says({ why: sentenceOf(mistakes) }))
    : passes('notOptedIn');
};

/** By a move that is under way, or that has taken the pod away. */
const ofMove = (source: Pod, move: Migration): EvictionVerdict | undefined => {
  const [pod, migration] = [refOf(source), refOf(move)];
  if (moves.isUnfinished(move)) return moving(pod, move);
  const phase = phaseOf(move);
  if (phase === 'Succeeded') return denies('moved', table.moved.says({ pod, migration }));
  return phase === 'Lost' ? denies('lost', table.lost.says({ pod, migration, progress: progressOf(move) })) : undefined;
};

const ofOptedIn = (pod: Pod, facts: EvictionFacts): EvictionVerdict => {
  const move = moves.moveOf(pod, facts.migrations);
  return (move && ofMove(pod, move)) ?? ofStaying(pod, move, facts);
};

/** About the pod that is there and meant. */
const ofPresent = (pod: Pod, facts: EvictionFacts): EvictionVerdict => {
  const coming = moves.moveTo(pod, facts.migrations);
  if (coming) return ofComing(pod, coming, facts);
  // Who repeats what was meant for the source drains another node, which is why the pod has come to this one.
  const mayBeStale = facts.eviction.podUID === undefined && !facts.isNodeClosed;
  const arrival = mayBeStale && moves.arrivalOf(pod, facts.migrations, facts.now);
  if (arrival) return ofArrived(pod, arrival);
  return pod.metadata.annotations?.[migrateAnnotation] === 'true' ? ofOptedIn(pod, facts) : ofUnasked(pod);
};

const isEnding = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined || status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** Its owner may delete the source of a move as soon as that has committed: to whoever retries, it is moved all the same. */
const ofEnding = (pod: Pod, facts: EvictionFacts): EvictionVerdict => {
  const move = moves.moveOf(pod, facts.migrations);
  return (move && isCommitted(phaseOf(move)) && ofMove(pod, move)) || passes('ending');
};

/** Which row of the table an eviction is, with its words. */
export const evictionVerdict = (facts: EvictionFacts): EvictionVerdict => {
  const { eviction, pod } = facts;
  if (eviction.dryRun) return passes('dryRun');
  if (!pod) return ofAbsent(facts);
  if (eviction.podUID !== undefined && eviction.podUID !== pod.metadata.uid) return ofOther(eviction.podUID, facts);
  return isEnding(pod) ? ofEnding(pod, facts) : ofPresent(pod, facts);
};
