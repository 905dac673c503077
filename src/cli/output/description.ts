import type { Condition } from '../../api/metadata.ts';
import { attemptOf, type Migration, type MigrationStatus, phaseOf } from '../../api/migration.ts';
import { isReason, reasons } from '../../api/reasons.ts';
import type { KubeEvent } from '../../kube/builtin-resources.ts';
import { peersText } from '../../migration/lost-connections.ts';
import { ageText, durationText } from './age.ts';
import { columns } from './columns.ts';

const indent = '  ';
const none = '<none>';

const field = (name: string, value: string | number | undefined): string =>
  `${`${name}:`.padEnd(14)}${value === undefined || value === '' ? none : value}`;

/** A heading and what stands under it. */
const block = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [field(title, undefined)] : [`${title}:`, ...lines.map((line) => indent + line)];

const table = (header: readonly string[], rows: readonly (readonly string[])[]): readonly string[] =>
  rows.length === 0 ? [] : columns([header, ...rows]);

const head = ({ metadata, spec, status }: Migration, now: number): readonly string[] => [
  field('Name', metadata.name),
  field('Namespace', metadata.namespace),
  field('Age', ageText(metadata.creationTimestamp, now)),
  field('Pod', `${spec.podName}${spec.podUID === undefined ? '' : ` (UID ${spec.podUID})`}`),
  field('Trigger', spec.trigger),
  field('Deadline', `${spec.deadlineSeconds} s after its creation`),
  ...(spec.targetNodeName === undefined ? [] : [field('Wanted Node', spec.targetNodeName)]),
  ...(spec.cancel === true ? [field('Cancel', 'requested')] : []),
  field('Policy', status?.terms && (status.terms.policy ?? 'built-in')),
];

/** What it is now, and what the reason means. */
const state = (migration: Migration): readonly string[] => {
  const { reason, message } = migration.status ?? {};
  return [
    field('Phase', phaseOf(migration)),
    field('Reason', reason),
    field('Message', message),
    ...(isReason(reason) ? [field('Meaning', reasons[reason].means)] : []),
  ];
};

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

const sides = ({ source, target, imageBytes }: Partial<MigrationStatus>): readonly string[] => [
  ...block(
    'Source',
    source
      ? [
          field('Node', source.nodeName),
          field('Runtime', source.runtime),
          field('Address', source.address?.ip),
          field('Memory', source.memoryBytes === undefined ? undefined : mebibytes(source.memoryBytes)),
          ...(source.lostConnections ? [field('Loses', `connections to ${peersText(source.lostConnections)}`)] : []),
        ]
      : [],
  ),
  ...block(
    'Target',
    target ? [field('Pod', target.podName), field('Node', target.nodeName), field('Runtime', target.runtime)] : [],
  ),
  field('Image', imageBytes === undefined ? undefined : mebibytes(imageBytes)),
];

/** When it came into each phase, and for how long it was in it. */
const phaseRows = ({ phaseTransitions = [] }: Partial<MigrationStatus>): readonly (readonly string[])[] =>
  phaseTransitions.map(({ phase, time }, index) => {
    const until = phaseTransitions[index + 1]?.time;
    return [phase, time, until === undefined ? '' : `${Date.parse(until) - Date.parse(time)} ms`];
  });

const attemptRows = ({ attempts = [] }: Partial<MigrationStatus>): readonly (readonly string[])[] =>
  attempts.map(({ number, phase, nodeName, endTime, reason, message }) => [
    ...[String(number), phase, nodeName ?? none],
    ...[endTime, reason, message],
  ]);

/** What failed is of interest before what was said. */
const hookRows = ({ hooks = [] }: Partial<MigrationStatus>): readonly (readonly string[])[] =>
  hooks.map(({ name, from, attempt, outcome, ms, message, output = '' }) => [
    ...[name, from, String(attempt), outcome],
    ...[ms === undefined ? '' : `${ms} ms`, message ?? output.split('\n')[0] ?? ''],
  ]);

/** In the order in which they pass; `freezeMs` is all of the others together but for the files. */
const timingNames = [
  ['filesMs', 'Files'],
  ['dumpMs', 'Dump'],
  ['transferMs', 'Transfer'],
  ['restoreMs', 'Restore'],
  ['commitMs', 'Commit'],
  ['releaseMs', 'Release'],
  ['freezeMs', 'Freeze'],
] as const;

const timingLines = ({ timings = {} }: Partial<MigrationStatus>): readonly string[] =>
  timingNames.flatMap(([name, title]) => {
    const value = timings[name];
    return value === undefined ? [] : [field(title, `${value} ms`)];
  });

const conditionRows = (conditions: readonly Condition[] = []): readonly (readonly string[])[] =>
  conditions.map(({ type, status, reason, lastTransitionTime, message }) => [
    ...[type, status, reason],
    ...[lastTransitionTime, message],
  ]);

const timeOf = ({ metadata, series }: KubeEvent): string =>
  series?.lastObservedTime ?? metadata.creationTimestamp ?? '';

/** One of the two times has fractions of a second and the other has none, so they do not sort as texts. */
const oldestFirst = (a: KubeEvent, b: KubeEvent): number => (Date.parse(timeOf(a)) || 0) - (Date.parse(timeOf(b)) || 0);

const eventRows = (events: readonly KubeEvent[], now: number): readonly (readonly string[])[] =>
  events
    .toSorted(oldestFirst)
    .map((event) => [
      event.type ?? '',
      event.reason ?? '',
      `${ageText(timeOf(event), now)}${event.series ? ` (x${event.series.count})` : ''}`,
      event.note ?? '',
    ]);

export interface DescriptionFacts {
  readonly migration: Migration;
  /** Undefined when the user may not read them. */
  readonly events: readonly KubeEvent[] | undefined;
  readonly now: number;
}

/** All that is known of a move, as `kubectl describe` writes it. */
export const description = ({ migration, events, now }: DescriptionFacts): readonly string[] => {
  const status: Partial<MigrationStatus> = migration.status ?? {};
  const { notBefore } = status;
  const pause = notBefore === undefined ? 0 : Date.parse(notBefore) - now;
  return [
    ...head(migration, now),
    ...state(migration),
    ...sides(status),
    ...block('Phases', table(['PHASE', 'SINCE', 'FOR'], phaseRows(status))),
    field('Attempt', `${attemptOf(migration)}${pause > 0 ? `, begins in ${durationText(pause)}` : ''}`),
    ...block('Taken Back', table(['ATTEMPT', 'PHASE', 'NODE', 'ENDED', 'REASON', 'MESSAGE'], attemptRows(status))),
    ...(status.hooks
      ? block('Hooks', table(['HOOK', 'OF', 'ATTEMPT', 'OUTCOME', 'TOOK', 'MESSAGE'], hookRows(status)))
      : []),
    ...block('Timings', timingLines(status)),
    ...block('Conditions', table(['TYPE', 'STATUS', 'REASON', 'SINCE', 'MESSAGE'], conditionRows(status.conditions))),
    ...(events === undefined
      ? [field('Events', 'you may not read them')]
      : block('Events', table(['TYPE', 'REASON', 'AGE', 'MESSAGE'], eventRows(events, now)))),
  ];
};
