import type { Claims } from './claims.ts';
import type { Scene } from './scene.ts';

/** One way of using a client. */
export interface Case {
  /** What the client does, as a person would type or tell it. */
  readonly does: string;
  /** What comes of it. */
  readonly outcome: string;
  /** One of the few that `make test` tries every time. */
  readonly inShort?: true;
  readonly attempt: (scene: Scene) => Promise<Claims>;
}

export interface Client {
  readonly name: string;
  readonly version: () => Promise<string>;
  /** What of the client is real here. */
  readonly note: string;
  /** Done once, before its first case. */
  readonly prepare?: () => Promise<unknown>;
  readonly cases: readonly Case[];
}
