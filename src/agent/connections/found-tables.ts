import { type TableKind, tableOf } from './tables.ts';

const ours = /^table ip (transship\.(?:held\.|away\.)?(\d+\.\d+\.\d+\.\d+))$/u;

export interface FoundTable {
  readonly kind: TableKind;
  readonly ip: string;
}

/** Ours, from what `nft list tables` says. */
export const tablesIn = (said: string): readonly FoundTable[] =>
  said.split('\n').flatMap((text) => {
    const [, name = '', ip] = ours.exec(text.trim()) ?? [];
    if (ip === undefined) return [];
    const kinds: readonly TableKind[] = ['held', 'away', 'home'];
    return { ip, kind: kinds.find((kind) => name === tableOf(kind, ip)) ?? 'home' };
  });

/** Tables of pods that do not live here, and of moves that are over. */
export const straysAmong = (
  found: readonly FoundTable[],
  { livingHere, underWay }: { readonly livingHere: ReadonlySet<string>; readonly underWay: ReadonlySet<string> },
): readonly FoundTable[] =>
  found.filter(({ kind, ip }) => !underWay.has(ip) && !(kind === 'home' && livingHere.has(ip)));
