import { systemNamespace } from '../../api/group.ts';
import { type Migration, phaseOf } from '../../api/migration.ts';
import type { Phase } from '../../api/phase.ts';
import { durationText } from '../output/age.ts';

/** The phases of a move in which all goes well. */
const way: readonly Phase[] = ['Pending', 'Inspecting', 'Preparing', 'Arrived', 'Moving', 'Committed', 'Succeeded'];

const width = 18;

/** How far it has come. An attempt that is taken back begins anew. */
const barOf = (phase: Phase): string => {
  const done = Math.round((Math.max(0, way.indexOf(phase)) / (way.length - 1)) * width);
  return `[${'#'.repeat(done)}${'.'.repeat(width - done)}]`;
};

/** The controller writes the first word within a second, where there is one. */
const longestSilenceMs = 15_000;

const silence = `nobody has looked at it for ${longestSilenceMs / 1000} s; does the controller run? kubectl get pods -n ${systemNamespace}`;

/** What is said of a move that has been waited for: its phase, and why. */
export const sentenceOfMove = ({ status }: Migration, waitedMs: number): string => {
  if (status === undefined) return waitedMs < longestSilenceMs ? 'Pending' : `Pending · ${silence}`;
  return [status.phase, status.reason, status.message].filter(Boolean).join(' · ');
};

export interface BarOptions {
  readonly waitedMs: number;
  /** Set where several moves are shown. */
  readonly withName: boolean;
}

/** One line of a terminal: how far the move is, for how long it has been waited for, and what is said of it. */
export const progressLine = (migration: Migration, { waitedMs, withName }: BarOptions): string =>
  [
    barOf(phaseOf(migration)),
    durationText(waitedMs).padStart(4),
    ...(withName ? [migration.metadata.name] : []),
    sentenceOfMove(migration, waitedMs),
  ].join(' ');
