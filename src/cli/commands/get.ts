import { type Migration, migration } from '../../api/migration.ts';
import type { KubeObject } from '../../api/metadata.ts';
import { migrations } from '../../api/resource.ts';
import { migrationNamed } from '../cluster/named.ts';
import { listAll } from '../cluster/pages.ts';
import { exitCode } from '../exit-code.ts';
import { UserError } from '../failure.ts';
import { migrationTable, nothingFound } from '../output/migration-table.ts';
import { printObjects, referenceTo, whole } from '../output/objects.ts';
import type { Session } from '../session.ts';
import type { OutputOptions, ScopeOptions } from '../usage/flags.ts';

export type GetOptions = ScopeOptions & OutputOptions<'wide' | 'json' | 'yaml' | 'name'>;

interface Found {
  readonly objects: readonly KubeObject[];
  /** What is wrong with names that were given; the others are shown all the same. */
  readonly missing: readonly string[];
}

const byName = async (names: readonly string[], session: Session): Promise<Found> => {
  const asked = await Promise.allSettled(names.map((name) => migrationNamed(name, session, whole(migrations))));
  const objects: KubeObject[] = [];
  const missing: string[] = [];
  for (const answer of asked) {
    if (answer.status === 'fulfilled') objects.push(answer.value);
    else if (answer.reason instanceof UserError) missing.push(answer.reason.message);
    else throw answer.reason;
  }
  return { objects, missing };
};

const bySelection = async ({ allNamespaces, selector }: GetOptions, session: Session): Promise<Found> => {
  const namespace = allNamespaces ? undefined : session.namespace;
  return { objects: await listAll(whole(migrations), { namespace, labelSelector: selector }, session), missing: [] };
};

const readable = (objects: readonly KubeObject[]): readonly Migration[] =>
  objects.map((object) => migration.safeParse(object).data).filter((read) => read !== undefined);

const print = async (
  objects: readonly KubeObject[],
  { output, allNamespaces }: GetOptions,
  { session, single }: { readonly session: Session; readonly single: boolean },
): Promise<void> => {
  const { terminal, clock } = session;
  if (output === 'json' || output === 'yaml') return printObjects(objects, { format: output, single }, terminal);
  if (output === 'name') {
    for (const { metadata } of objects) terminal.out(referenceTo(migrations, metadata.name));
    return;
  }
  const table = { wide: output === 'wide', withNamespace: allNamespaces === true, now: clock.now() };
  for (const line of migrationTable(readable(objects), table)) terminal.out(line);
};

/** An empty list is data all the same. */
const isPrinted = ({ objects, missing }: Found, { output }: GetOptions): boolean =>
  objects.length > 0 || (missing.length === 0 && (output === 'json' || output === 'yaml'));

const ask = (names: readonly string[], options: GetOptions, session: Session): Promise<Found> => {
  if (names.length === 0) return bySelection(options, session);
  if (options.allNamespaces || options.selector !== undefined)
    throw new UserError('a move is named within one namespace: give names, or -A and -l, but not both');
  return byName(names, session);
};

/** Lists moves as kubectl lists objects. */
export const get = async (names: readonly string[], options: GetOptions, session: Session): Promise<number> => {
  const found = await ask(names, options, session);
  if (isPrinted(found, options)) await print(found.objects, options, { session, single: names.length === 1 });
  else if (found.missing.length === 0)
    session.terminal.err(nothingFound(options.allNamespaces ? undefined : session.namespace));
  for (const what of found.missing) session.terminal.err(`error: ${what}`);
  return found.missing.length > 0 ? exitCode.error : exitCode.done;
};
