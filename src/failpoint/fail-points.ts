import type { Directive, FailPoint } from './points.ts';

/** The move that has reached a point. */
export interface PointedMove {
  readonly uid: string;
  readonly name: string;
  readonly attempt?: number;
}

/**
 * Where tests of faults take hold of a running program. Without the
 * configuration that only they have, every point is inert.
 */
export interface FailPoints {
  /** Tells that a move has come this far, and what to do now. Never rejects; without anybody who answers it says `go`. */
  reach(point: FailPoint, move: PointedMove, detail?: string): Promise<Directive>;
  close(): void;
}

const go: Promise<Directive> = Promise.resolve('go');

export const inert: FailPoints = { reach: () => go, close: () => undefined };
