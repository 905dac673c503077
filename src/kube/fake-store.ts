/** An object as etcd has it: all its fields, whatever our schemas know. */
export interface Stored {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name: string;
    namespace?: string | undefined;
    uid: string;
    resourceVersion: string;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    finalizers?: string[];
    labels?: Record<string, string>;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

export interface Change {
  readonly version: number;
  readonly kind: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Stored;
}

/** Objects with one resourceVersion for all of them, and the history of their changes. */
export class FakeStore {
  readonly #objects = new Map<string, Map<string, Stored>>();
  readonly #history: Change[] = [];
  #listeners: (() => void)[] = [];
  #version = 100;
  #oldest = 100;

  get version(): number {
    return this.#version;
  }

  /** Changes up to this version have been forgotten. */
  get oldest(): number {
    return this.#oldest;
  }

  of(kind: string): Map<string, Stored> {
    const objects = this.#objects.get(kind) ?? new Map<string, Stored>();
    this.#objects.set(kind, objects);
    return objects;
  }

  write(kind: string, key: string, object: Stored): Stored {
    const type = this.of(kind).has(key) ? 'MODIFIED' : 'ADDED';
    this.#version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    this.of(kind).set(key, stored);
    this.#changed({ version: this.#version, kind, type, object: stored });
    return stored;
  }

  remove(kind: string, key: string): void {
    const object = this.of(kind).get(key);
    if (!object) return;
    this.of(kind).delete(key);
    this.#version += 1;
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    this.#changed({ version: this.#version, kind, type: 'DELETED', object: last });
  }

  since(version: number, kind: string): Change[] {
    return this.#history.filter((change) => change.version > version && change.kind === kind);
  }

  /** Forgets the history, as etcd's compaction does. */
  compact(): void {
    this.#oldest = this.#version;
    this.#history.length = 0;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.push(listener);
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  wake(): void {
    for (const listener of this.#listeners) listener();
  }

  #changed(change: Change): void {
    this.#history.push(change);
    this.wake();
  }
}
