import type { Migration } from '../../api/migration.ts';

const isNewer = (a: Migration, b: Migration): boolean =>
  Number(a.metadata.resourceVersion) > Number(b.metadata.resourceVersion);

/** More than can be between a write of ours and its arrival in the cache. */
const most = 500;

/**
 * What we have written and the cache has not seen yet. Without it two moves
 * that are looked at shortly one after the other would both take the last room
 * under a limit. ResourceVersions of one kind may be compared (KEP-5504).
 */
export class OwnWrites {
  readonly #written = new Map<string, Migration>();
  #count = 0;

  /** How many there have been: what was made {@link over} a list holds as long as this and the list are the same. */
  get count(): number {
    return this.#count;
  }

  note(migration: Migration): void {
    this.#count += 1;
    this.#written.delete(migration.metadata.uid);
    this.#written.set(migration.metadata.uid, migration);
    const oldest = this.#written.keys().next();
    if (this.#written.size > most && !oldest.done) this.#written.delete(oldest.value);
  }

  /** The cached ones, each as new as we know it. */
  over(cached: readonly Migration[]): readonly Migration[] {
    return cached.map((migration) => {
      const written = this.#written.get(migration.metadata.uid);
      if (written && isNewer(written, migration)) return written;
      this.#written.delete(migration.metadata.uid);
      return migration;
    });
  }
}
