import type { Details } from './event.ts';
import type { VectorClock } from './vector-clock.ts';

/** An actor from one start to its end, under the name that readers know it by. */
export interface Host {
  /** `agent-n1`, or `agent-n1.2` of the second process of that actor; no blanks. */
  readonly name: string;
  /** As logs call it: `agent-n1@3f2a91c4`. */
  readonly process: string;
}

export interface HostEvent {
  readonly host: string;
  /** By the names of hosts. */
  readonly clock: VectorClock;
  readonly label: string;
  readonly time: string;
  readonly fields?: Details | undefined;
  /** Others know of it, and no log has it: only that it was, and when in their order. */
  readonly isLost?: true;
}

/** All that is known of the events of one move. */
export interface Trace {
  readonly move: { readonly namespace: string; readonly name: string; readonly uid: string };
  /** In the order in which they came in. */
  readonly hosts: readonly Host[];
  /** None stands before one that it knows of. */
  readonly events: readonly HostEvent[];
  /** What cannot be believed, as sentences. */
  readonly doubts: readonly string[];
}
