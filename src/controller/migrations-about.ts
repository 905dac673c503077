import type { Migration } from '../api/migration.ts';
import { ObjectIndex, type Watched } from '../kube/object-index.ts';
import { isOfNamesakes } from '../migration/namesake/kind.ts';
import { targetPodName } from '../migration/target-pod/target-name.ts';
import { uidOfMove } from '../migration/move-of.ts';

/** A pod as somebody asks for it. Whoever names a UID may mean another pod than the one that has the name now. */
export interface AskedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string | undefined;
}

/** The Migrations of and to pods of that name, of the pod that is rehearsed under it, and of the pod of that UID, in the pod's namespace. */
export type MigrationsAbout = (pod: AskedPod) => readonly Migration[];

const named = (namespace: string, name: string): string => `${namespace}/${name}`;

/** No name has a colon in it. Whoever makes a Migration writes the UID, so it counts in his namespace only. */
const ofUID = (namespace: string, uid: string): string => `${namespace}/uid:${uid}`;

const valuesOf = (migration: Migration): readonly string[] => {
  const { metadata, spec, status } = migration;
  const { namespace = 'default' } = metadata;
  const target = status?.target?.podName;
  const uid = uidOfMove(migration);
  return [
    named(namespace, spec.podName),
    ...(target === undefined || target === spec.podName ? [] : [named(namespace, target)]),
    ...(isOfNamesakes(migration) ? [named(namespace, targetPodName(migration))] : []),
    ...(uid === undefined ? [] : [ofUID(namespace, uid)]),
  ];
};

/** Answers without looking at any other Migration. */
export const migrationsAboutFrom = (migrations: Watched<Migration>): MigrationsAbout => {
  const index = new ObjectIndex(migrations, valuesOf);
  return ({ namespace, name, uid }) => {
    const byName = index.of(named(namespace, name));
    if (uid === undefined) return byName;
    return [...byName, ...index.of(ofUID(namespace, uid)).filter((migration) => !byName.includes(migration))];
  };
};
