import { evictedPod, type Eviction, namesUs } from '../../api/eviction.ts';
import { type Migration, phaseOf } from '../../api/migration.ts';
import { isFinished } from '../../api/phase.ts';
import type { Pod } from '../../api/pod.ts';
import type { Key } from '../../kube/api.ts';
import { keyText } from '../../kube/lookup.ts';
import type { Reflector } from '../../kube/reflector.ts';
import { uidOfMove } from '../../migration/move-of.ts';
import { isOfPod, keyOfPod } from './gather.ts';

interface Watched {
  readonly evictions: Pick<Reflector<Eviction>, 'items' | 'onChange'>;
  readonly migrations: Pick<Reflector<Migration>, 'items' | 'onChange'>;
  readonly pods: Pick<Reflector<Pod>, 'onChange'>;
}

const keyOfEvicted = (eviction: Eviction): Key[] => {
  const pod = evictedPod(eviction);
  return pod && namesUs(eviction) ? [keyOfPod(eviction.metadata.namespace, pod.uid)] : [];
};

const keyOfMoved = (migration: Migration): Key[] => {
  const uid = uidOfMove(migration);
  return uid === undefined ? [] : [keyOfPod(migration.metadata.namespace, uid)];
};

/** Those whose eviction may have been withdrawn, or have vanished. */
const keysOfOurMoves = ({ migrations }: Pick<Watched, 'migrations'>): Key[] =>
  migrations
    .items()
    .filter((migration) => migration.spec.trigger === 'EvictionRequest' && !isFinished(phaseOf(migration)))
    .flatMap(keyOfMoved);

/** All pods about which there may be something to say; for the beginning, and now and then in case an event was lost. */
export const podsInQuestion = (watched: Omit<Watched, 'pods'>): readonly Key[] => {
  const keys = [...watched.evictions.items().flatMap(keyOfEvicted), ...keysOfOurMoves(watched)];
  return [...new Map(keys.map((key) => [keyText(key), key])).values()];
};

/** Which pods to look at when something changes. */
export const triggerResponses = (watched: Watched, add: (key: Key) => void): void => {
  const { evictions, migrations, pods } = watched;
  const isEvicted = (key: Key): boolean => evictions.items().some(isOfPod(key));
  const addAll = (keys: readonly Key[]): void => {
    for (const key of keys) add(key);
  };
  evictions.onChange((_key, eviction) => {
    // One that is gone does not say any more which pod it was about.
    addAll(eviction ? keyOfEvicted(eviction) : keysOfOurMoves(watched));
  });
  migrations.onChange((_key, migration) => {
    if (!migration) return;
    const isOurs = migration.spec.trigger === 'EvictionRequest';
    addAll(keyOfMoved(migration).filter((key) => isOurs || isEvicted(key)));
  });
  pods.onChange((_key, pod) => {
    if (!pod) return;
    const key = keyOfPod(pod.metadata.namespace, pod.metadata.uid);
    if (isEvicted(key)) add(key);
  });
};
