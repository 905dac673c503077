import type { KubeObject } from '../../api/metadata.ts';
import type { Migration } from '../../api/migration.ts';
import type { Node, Pod } from '../../api/pod.ts';
import { migrations, nodes, pods, type Resource } from '../../api/resource.ts';
import { found } from '../../kube/live.ts';
import { UserError } from '../failure.ts';
import type { Session } from '../session.ts';

/** `pod/web-1`, as kubectl prints names with -o name, and as it takes them; or the name alone. */
const nameIn = (word: string, { kind, group }: Resource<KubeObject>): string => {
  const cut = word.lastIndexOf('/');
  if (cut === -1) return word;
  const given = word.slice(0, cut).toLowerCase();
  const singular = kind.toLowerCase();
  const own = [singular, `${singular}s`];
  const accepted = group === '' ? own : [...own, ...own.map((name) => `${name}.${group}`)];
  if (accepted.includes(given)) return word.slice(cut + 1);
  throw new UserError(`${word} does not name a ${kind}: write ${singular}/NAME, or the name alone`);
};

const inNamespace = (name: string, { namespace }: Session, { kind, plural }: Resource<KubeObject>): string =>
  `there is no ${kind === 'Pod' ? 'pod' : kind} ${name} in namespace ${namespace}: kubectl get ${plural} -n ${namespace} lists those there are, and -n names another namespace`;

export const podNamed = async (word: string, session: Session): Promise<Pod> => {
  const { api, namespace, signal } = session;
  const name = nameIn(word, pods);
  const pod = await found(api, pods, { namespace, name }, signal);
  if (!pod) throw new UserError(inNamespace(name, session, pods));
  return pod;
};

export const nodeNamed = async (word: string, { api, signal }: Session): Promise<Node> => {
  const name = nameIn(word, nodes);
  const node = await found(api, nodes, { name }, signal);
  if (!node) throw new UserError(`there is no node ${name}: kubectl get nodes lists those there are`);
  return node;
};

/** @param resource how to read it; the kind is always that of Migrations. */
export const migrationNamed = async <T extends KubeObject = Migration>(
  word: string,
  session: Session,
  resource: Resource<T>,
): Promise<T> => {
  const { api, namespace, signal } = session;
  const name = nameIn(word, migrations);
  const migration = await found(api, resource, { namespace, name }, signal);
  if (!migration) throw new UserError(inNamespace(name, session, migrations));
  return migration;
};

/** The name of a node as a person writes it, as the API server knows it. */
export const nodeNameIn = (word: string): string => nameIn(word, nodes);

/** The same for Migrations. */
export const migrationNamesIn = (words: readonly string[]): readonly string[] =>
  words.map((word) => nameIn(word, migrations));
