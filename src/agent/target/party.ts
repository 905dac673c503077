import type { Migration } from '../../api/migration.ts';
import { ReasonedError } from '../../api/reasons.ts';
import type { Guest } from './guest.ts';
import type { Rendezvous } from './rendezvous.ts';

/** A guest, and where it waits. */
export interface Member {
  readonly guest: Guest;
  readonly rendezvous: Rendezvous;
}

/** The containers of a target are all that its source had, by name. Of a record without them nobody knows: one is all. */
const stillMissing = (migration: Migration, names: readonly string[]): readonly string[] =>
  (migration.status?.source?.containers ?? []).map(({ name }) => name).filter((name) => !names.includes(name));

/**
 * The containers of one target pod that have come to the rendezvous. The kubelet
 * starts them one after the other, each when the one before it runs; so each but
 * the last has a process stand in for it.
 */
export class Party {
  readonly #members: Member[] = [];
  readonly #migration: Migration;
  readonly #onLost: (why: unknown) => void;

  /** @param onLost a container that has come was ended: the others wait in vain. */
  constructor(migration: Migration, onLost: (why: unknown) => void) {
    this.#migration = migration;
    this.#onLost = onLost;
  }

  has(container: string): boolean {
    return this.#members.some(({ guest }) => guest.entry.name === container);
  }

  /** Who has come, when nobody is missing any more; else the one that has come last stands in. Throws RendezvousUnknown. */
  join(member: Member): readonly Member[] | undefined {
    const { name } = member.guest.entry;
    const expected = this.#migration.status?.source?.containers;
    if (expected && !expected.some((container) => container.name === name))
      throw new ReasonedError('RendezvousUnknown', `the source has no container ${name}`);
    this.#members.push(member);
    const names = this.#members.map(({ guest }) => guest.entry.name);
    if (stillMissing(this.#migration, names).length === 0) return this.#members;
    member.rendezvous.lost.addEventListener('abort', this.#lose, { once: true });
    member.rendezvous.standIn();
    return undefined;
  }

  /** From here on somebody else looks after them. */
  handOver(): void {
    for (const { rendezvous } of this.#members) rendezvous.lost.removeEventListener('abort', this.#lose);
  }

  /** Lets all that have come fail. */
  async refuse(sentence: string): Promise<void> {
    this.handOver();
    for (const { rendezvous } of this.#members) {
      rendezvous.refuse(sentence);
      await rendezvous.close();
    }
  }

  readonly #lose = (event: Event): void => {
    this.#onLost((event.target as AbortSignal).reason);
  };
}
