import type { IPLease } from '../../api/addresses.ts';
import type { Lookup } from '../../kube/lookup.ts';
import type { Log } from '../../log/log.ts';
import { readEntries as readSources } from '../source/journal.ts';
import { readEntries as readTargets } from '../target/journal.ts';
import { allTables, removeTables } from '../connections/kernel.ts';
import { type FoundTable, straysAmong } from '../connections/found-tables.ts';
import { tableOf } from '../connections/tables.ts';

/** The lease of an address follows its pod a moment after the commit; an agent looks every twenty seconds. */
const looksBefore = 3;

/** Removes tables of pods that have gone from this node, however they went. */
export class StrayTables {
  readonly #looks = new Map<string, number>();

  async look(here: string, leases: Lookup<IPLease>, log: Log): Promise<void> {
    const found = await allTables();
    if (found.length === 0) return;
    const underWay = [
      ...(await readTargets()).map(({ hold }) => hold.ip),
      ...(await readSources()).filter(({ committed }) => !committed).map(({ ip }) => ip),
    ];
    const strays = straysAmong(found, {
      livingHere: new Set(leases.items().flatMap(({ spec }) => (spec.nodeName === here ? spec.ip : []))),
      underWay: new Set(underWay),
    });
    for (const stray of this.#longSince(strays)) {
      await removeTables([stray.kind], stray.ip);
      log.info({ ...stray }, 'Removed what was left of the connections of a pod');
    }
  }

  #longSince(strays: readonly FoundTable[]): readonly FoundTable[] {
    const looks = new Map(
      strays.map(({ kind, ip }) => [tableOf(kind, ip), (this.#looks.get(tableOf(kind, ip)) ?? 0) + 1]),
    );
    this.#looks.clear();
    for (const [name, count] of looks) this.#looks.set(name, count);
    return strays.filter(({ kind, ip }) => (looks.get(tableOf(kind, ip)) ?? 0) >= looksBefore);
  }
}
