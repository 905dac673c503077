import { dirname } from 'node:path';
import type { Entry } from './survey.ts';

/** What a name stands for. `version` tells contents apart. */
export interface Thing {
  readonly kind: 'file' | 'folder';
  readonly version: number;
}

type Layered = Thing | { readonly kind: 'whiteout'; readonly version: number };

export const foldersAbove = (path: string): string[] => {
  const parent = dirname(path);
  return parent === '.' ? [] : [...foldersAbove(parent), parent];
};

const isAtOrBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/**
 * An overlay as the kernel keeps it: an image below, which never changes, and a
 * layer of what a container has done. What cannot be done changes nothing.
 */
export class Overlay {
  readonly #image: ReadonlyMap<string, Thing>;
  readonly #upper = new Map<string, Layered & { readonly opaque: boolean }>();
  #version = 0;

  constructor(image: ReadonlyMap<string, Thing>) {
    this.#image = image;
  }

  /** What the container sees at a path. */
  at(path: string): Thing | undefined {
    const own = this.#upper.get(path);
    if (own) return own.kind === 'whiteout' ? undefined : { kind: own.kind, version: own.version };
    return this.#ofImage(path);
  }

  seen(): ReadonlyMap<string, Thing> {
    const paths = new Set([...this.#image.keys(), ...this.#upper.keys()]);
    const things = [...paths].map((path) => [path, this.at(path)] as const);
    return new Map(things.filter((entry): entry is readonly [string, Thing] => entry[1] !== undefined));
  }

  /** The upper layer as a survey finds it. */
  survey(): ReadonlyMap<string, Entry> {
    return new Map(
      [...this.#upper].toSorted().map(([path, { kind, version, opaque }]) => [
        path,
        {
          stamp: `${kind} ${String(version)}`,
          kind: { file: 'f', folder: 'd', whiteout: 'c' }[kind],
          whiteout: kind === 'whiteout',
          opaque,
        },
      ]),
    );
  }

  write(path: string): void {
    if (this.at(path)?.kind !== 'file' && !this.#hasRoomFor(path)) return;
    this.#touch(path);
    this.#upper.set(path, { kind: 'file', version: this.#next(), opaque: false });
  }

  makeFolder(path: string): void {
    if (!this.#hasRoomFor(path)) return;
    this.#touch(path);
    this.#upper.set(path, { kind: 'folder', version: this.#next(), opaque: true });
  }

  remove(path: string): void {
    if (!this.at(path)) return;
    this.#touch(path);
    for (const own of [...this.#upper.keys()]) if (isAtOrBelow(own, path)) this.#upper.delete(own);
    if (this.#ofImage(path)) this.#upper.set(path, { kind: 'whiteout', version: this.#next(), opaque: false });
  }

  /** Inodes go along, and only that of the path itself changes. A folder that the image has too cannot be renamed (EXDEV). */
  rename(from: string, to: string): void {
    const moved = this.#upper.get(from);
    if (!moved || moved.kind === 'whiteout' || (moved.kind === 'folder' && !moved.opaque)) return;
    if (isAtOrBelow(to, from) || !this.#hasRoomFor(to)) return;
    const below = [...this.#upper].filter(([path]) => isAtOrBelow(path, from));
    this.remove(from);
    this.#touch(to);
    for (const [path, entry] of below) this.#upper.set(to + path.slice(from.length), entry);
    this.#upper.set(to, { ...moved, version: this.#next() });
  }

  #next(): number {
    return (this.#version += 1);
  }

  /** What shines through the upper layer. */
  #ofImage(path: string): Thing | undefined {
    const hidden = foldersAbove(path).some((folder) => {
      const own = this.#upper.get(folder);
      return own !== undefined && (own.kind !== 'folder' || own.opaque);
    });
    return hidden ? undefined : this.#image.get(path);
  }

  #hasRoomFor(path: string): boolean {
    return !this.at(path) && foldersAbove(path).every((folder) => this.at(folder)?.kind === 'folder');
  }

  /** The folders above are copied up, and the one that holds the name changes. */
  #touch(path: string): void {
    const folders = foldersAbove(path);
    for (const folder of folders) {
      const own = this.#upper.get(folder);
      if (!own || folder === folders.at(-1))
        this.#upper.set(folder, { kind: 'folder', version: this.#next(), opaque: own?.opaque ?? false });
    }
  }
}
