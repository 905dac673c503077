import { type Migration, phaseOf } from '../api/migration.ts';
import { moveAnnotation } from '../api/names.ts';
import { isTakenBack, type Phase } from '../api/phase.ts';
import type { Pod } from '../api/pod.ts';
import { type Facts, livingSource } from './facts.ts';
import { isOver } from './status.ts';
import type { Step } from './step.ts';

/*
 * A program can learn of its own move from a file: a downward-API volume shows it
 * the annotation transship.dev/move of its pod. Only pods that mount it get one.
 */

/** What stands in the file, as JSON. */
export interface MoveNote {
  readonly state: 'Moving' | 'Moved' | 'Stayed';
  /** Name of the Migration. */
  readonly migration: string;
  readonly from: string;
  /** The target node, as soon as it is known. */
  readonly to?: string;
  /** Since when it is in this state. */
  readonly since: string;
}

const fieldPath = `metadata.annotations['${moveAnnotation}']`;

interface DownwardAPI {
  readonly items?: readonly { readonly fieldRef?: { readonly fieldPath?: string } }[];
}

type Volume = NonNullable<Pod['spec']['volumes']>[number] & {
  readonly downwardAPI?: DownwardAPI;
  readonly projected?: { readonly sources?: readonly { readonly downwardAPI?: DownwardAPI }[] };
};

const filesIn = ({ downwardAPI, projected }: Volume): readonly (string | undefined)[] =>
  [downwardAPI, ...(projected?.sources ?? []).map((source) => source.downwardAPI)].flatMap((api) =>
    (api?.items ?? []).map(({ fieldRef }) => fieldRef?.fieldPath),
  );

/** Has the pod a volume that shows it what its move is at? An environment variable would never change. */
export const showsItsMove = ({ spec }: Pick<Pod, 'spec'>): boolean =>
  (spec.volumes ?? []).some((volume) => filesIn(volume).includes(fieldPath));

const since = ({ status }: Migration, phase: Phase): string =>
  status?.phaseTransitions?.findLast((transition) => transition.phase === phase)?.time ?? '';

const noteOf = (migration: Migration, state: MoveNote['state']): MoveNote => {
  const { source, target } = migration.status ?? {};
  return {
    state,
    migration: migration.metadata.name,
    from: source?.nodeName ?? '',
    ...(target?.nodeName !== undefined && { to: target.nodeName }),
    since: since(migration, state === 'Moving' ? 'Preparing' : phaseOf(migration)),
  };
};

/** For a target that is about to be made. */
export const firstNote = (source: Pod, migration: Migration): Readonly<Record<string, string>> =>
  showsItsMove(source) ? { [moveAnnotation]: JSON.stringify(noteOf(migration, 'Moving')) } : {};

const give = (pod: Pod, note: MoveNote): Step[] => {
  const text = JSON.stringify(note);
  if (!showsItsMove(pod) || pod.metadata.annotations?.[moveAnnotation] === text) return [];
  return [
    { do: 'notePod', pod: { name: pod.metadata.name, uid: pod.metadata.uid }, annotations: { [moveAnnotation]: text } },
  ];
};

/** Tells the source that it is going to be moved, where it wants to know. */
export const noteMoving = (facts: Facts): Step[] => {
  const source = livingSource(facts);
  return source ? give(source, noteOf(facts.migration, 'Moving')) : [];
};

const isTold = (pod: Pod, { metadata }: Migration): boolean =>
  pod.metadata.annotations?.[moveAnnotation]?.includes(JSON.stringify(metadata.name)) ?? false;

/** Tells the pod what has become of its move, once it is over. */
export const noteEnd = (facts: Facts): Step[] => {
  const { migration, target } = facts;
  if (!isOver(migration)) return [];
  const isOurs = target !== undefined && target.metadata.uid === migration.status?.target?.podUID;
  if (phaseOf(migration) === 'Succeeded') return isOurs ? give(target, noteOf(migration, 'Moved')) : [];
  const source = livingSource(facts);
  if (!source || !isTakenBack(phaseOf(migration)) || !isTold(source, migration)) return [];
  return give(source, noteOf(migration, 'Stayed'));
};
