import type { Runtime } from '../../../lab/cluster.ts';
import type { Directive } from '../../../src/failpoint/points.ts';
import type { KubeApi } from '../../../src/kube/api.ts';

interface Named {
  readonly name: string;
  readonly uid: string;
}

/** The move that a fault is to meet, at the moment at which it has reached its step. */
export interface Scene {
  readonly api: KubeApi;
  readonly namespace: string;
  readonly migration: Named;
  readonly sourcePod: Named;
  /** Nodes. */
  readonly source: string;
  readonly target: string;
}

/** A fault that is in effect. */
export interface Injected {
  /** For whoever waits at the step; without it they just go on. */
  readonly directive?: Directive;
  /** Takes the fault away, and resolves when it is gone; what is to heal by itself is waited for. */
  undo(): Promise<unknown>;
}

export interface Fault {
  readonly name: string;
  /** What is done, as the end of a sentence that begins with "when". */
  readonly what: string;
  /** Whom it touches: the two nodes of the move, or everybody. */
  readonly touches: 'pair' | 'cluster';
  /** Runtimes without which the fault does not exist. */
  readonly needs?: { readonly source?: Runtime; readonly target?: Runtime };
  /** How long it lasts; without it, until the move is over. */
  readonly lastsMs?: number;
  /** Resolves when the fault is in effect, and rejects when it could not be brought about. */
  inject(scene: Scene): Promise<Injected>;
}

/** Nothing is left of the fault when it has happened. */
export const nothingToUndo: Injected = { undo: () => Promise.resolve() };

export type Side = 'source' | 'target';

export const sides: readonly Side[] = ['source', 'target'];
