import { type Migration, phaseOf } from '../api/migration.ts';
import { migrations } from '../api/resource.ts';
import type { Session } from './session.ts';
import { columns } from './table.ts';

export interface ListOptions {
  readonly allNamespaces?: boolean | undefined;
}

const pageSize = 500;

const all = async ({ api, signal }: Session, namespace: string | undefined): Promise<readonly Migration[]> => {
  const found: Migration[] = [];
  let continueToken: string | undefined;
  do {
    const page = await api.list(
      migrations,
      { namespace, limit: pageSize, ...(continueToken && { continueToken }) },
      signal,
    );
    found.push(...page.items);
    continueToken = page.continueToken;
  } while (continueToken);
  return found;
};

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
] as const;

/** As short as kubectl's: 45s, 12m, 5h, 3d. */
const ageOf = ({ metadata }: Migration, now: number): string => {
  const seconds = Math.max(0, Math.floor((now - Date.parse(metadata.creationTimestamp ?? '')) / 1000));
  if (Number.isNaN(seconds)) return '<unknown>';
  const [name, size] = units.find(([, length]) => seconds >= 2 * length) ?? ['s', 1];
  return `${Math.floor(seconds / size)}${name}`;
};

const freezeOf = ({ status }: Migration): string =>
  status?.timings?.freezeMs === undefined ? '' : `${status.timings.freezeMs} ms`;

const row = (migration: Migration, now: number): readonly string[] => {
  const { metadata, spec, status } = migration;
  return [
    metadata.name,
    spec.podName,
    status?.source?.nodeName ?? '',
    status?.target?.nodeName ?? '',
    phaseOf(migration),
    freezeOf(migration),
    ageOf(migration, now),
  ];
};

const header = ['NAME', 'POD', 'SOURCE', 'TARGET', 'PHASE', 'FREEZE', 'AGE'];

export const list = async ({ allNamespaces }: ListOptions, session: Session): Promise<number> => {
  const { terminal, clock, namespace } = session;
  const found = await all(session, allNamespaces ? undefined : namespace);
  if (found.length === 0) {
    terminal.err(allNamespaces ? 'No migrations found' : `No migrations found in ${namespace} namespace.`);
    return 0;
  }
  const now = clock.now();
  const rows = found.map((migration) => [
    ...(allNamespaces ? [migration.metadata.namespace ?? ''] : []),
    ...row(migration, now),
  ]);
  for (const line of columns([allNamespaces ? ['NAMESPACE', ...header] : header, ...rows])) terminal.out(line);
  return 0;
};
