import { describe, expect, it } from 'vitest';
import type { MigrationPolicySpec } from '../../api/migration-policy.ts';
import type { Migration } from '../../api/migration.ts';
import { migrationWith, podWith } from '../../api/pod-fixture.ts';
import type { Pod } from '../../api/pod.ts';
import type { Finding } from '../../api/reasons.ts';
import { builtIn, type PolicyChoice } from '../../migration/policy/policy.ts';
import type { EvictionFacts, Trouble } from './facts.ts';
import { type EvictionVerdict, refusals } from './outcome.ts';
import { evictionTable, type RowName } from './table.ts';
import { evictionVerdict } from './verdict.ts';

const now = Date.parse('2026-01-01T00:10:00Z');
const eviction = { namespace: 'shop', name: 'redis-1', dryRun: false, podUID: undefined };

const verdictOf = (facts: Partial<EvictionFacts> = {}): EvictionVerdict =>
  evictionVerdict({
    ...{ eviction, pod: podWith(), isNodeClosed: false, migrations: [], policy: builtIn, now, findingsOf: () => [] },
    ...facts,
  });

const policyWith = (changes: Partial<MigrationPolicySpec>): PolicyChoice => ({
  name: 'strict',
  spec: { ...builtIn.spec, ...changes },
});
const keeping = policyWith({ onFailure: 'Block', blockSeconds: 900 });
const silent = policyWith({ triggers: { ...builtIn.spec.triggers, eviction: false }, onFailure: 'Block' });

const annotated = (annotations: object, changes: { metadata?: object } = {}): Pod =>
  podWith({ metadata: { annotations, ...changes.metadata } });
const naming = (podUID: string): Partial<EvictionFacts> => ({ eviction: { ...eviction, podUID } });

const hostPort: Finding = { reason: 'HostPortUsed', message: 'container redis uses hostPort 80' };
const terminal: Finding = { reason: 'TerminalUsed', message: 'container redis has a tty' };
const pending: Finding = { reason: 'PodNotRunning', message: 'Pod shop/redis-1 is Pending' };
const conflict: Finding = { reason: 'PolicyConflict', message: 'a and b' };
const finding = (...found: Finding[]): Partial<EvictionFacts> => ({ findingsOf: () => found });

const ending = podWith({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });

const committed = migrationWith({ status: { phase: 'Committed' } });
const moving = migrationWith({ status: { phase: 'Moving', reason: 'Moving', message: 'sending 10 MB' } });
const succeeded = migrationWith({ status: { phase: 'Succeeded', target: { podName: 'redis-1-m1', nodeName: 'w2' } } });
const failed = migrationWith({ status: { phase: 'Failed', reason: 'DumpFailed', message: 'no room' } });
const lost = migrationWith({ status: { phase: 'Lost', reason: 'TargetLost', message: 'its node died' } });
const cancelled = migrationWith({ spec: { trigger: 'Cordon', cancel: true }, status: { phase: 'Cancelled' } });
const coming = migrationWith({
  spec: { podName: 'redis-0', podUID: 'uid-0' },
  status: { phase: 'Committed', target: { podName: 'redis-1' } },
});
/** Of a pod whose target is called as it was, and has the UID that the pod of that name has now. */
const sameName = (phase: string, time = '2026-01-01T00:09:50Z'): Migration =>
  migrationWith({
    spec: { podUID: 'uid-0' },
    status: {
      phase,
      target: { podName: 'redis-1', podUID: 'uid-1', nodeName: 'w2' },
      phaseTransitions: [{ phase, time }],
    },
  });

const quota: Trouble = { why: 'exceeded quota', isRefusal: true, since: now - 60_000 };
const outage: Trouble = { why: 'connect ECONNREFUSED', isRefusal: false, since: now - 60_000 };

const startsAnew = 'Pod shop/redis-1 opted in to be moved but its eviction was allowed, so it starts anew:';
const triggered = 'Eviction triggered evacuation of pod shop/redis-1: Migration shop/redis-1-uid1';
const ended = 'Migration shop/redis-1-uid1 has ended as Failed, DumpFailed: no room';
const over = 'and the 900 s have passed for which MigrationPolicy strict keeps it (onFailure: Block)';

type Case = [row: RowName, title: string, facts: Partial<EvictionFacts>, message?: string];

const cases: readonly Case[] = [
  ['dryRun', 'a dry run', { eviction: { ...eviction, dryRun: true } }],
  [
    'dryRun',
    'a dry run, of a pod that would be kept',
    { eviction: { ...eviction, dryRun: true }, migrations: [moving] },
  ],
  ['absent', 'of a pod that is not known', { pod: undefined }],
  ['absent', 'of a source that is gone before its target has ended the move', { pod: undefined, migrations: [moving] }],
  [
    'movedUID',
    'that names the UID of a pod that has been moved',
    { ...naming('uid-0'), migrations: [sameName('Succeeded', '2026-01-01T00:00:00Z')] },
    'pod shop/redis-1 has been moved by Migration shop/redis-1-uid1 and runs as pod shop/redis-1 on node w2',
  ],
  ['otherUID', 'that names the UID of another pod', naming('uid-2')],
  [
    'otherUID',
    'that names the UID of a pod whose move was lost',
    { ...naming('uid-0'), migrations: [sameName('Lost')] },
  ],
  ['ending', 'of a pod that has succeeded', { pod: podWith({ status: { phase: 'Succeeded' } }) }],
  ['ending', 'of a pod that has failed', { pod: podWith({ status: { phase: 'Failed' } }) }],
  ['ending', 'of a pod that is being deleted', { pod: ending, migrations: [moving] }],
  [
    'moving',
    'of the source of a move that has committed, which its owner deletes',
    { pod: ending, migrations: [committed] },
    `${triggered} (Committed)`,
  ],
  [
    'moved',
    'of the source of a move that has ended, which is being deleted',
    { pod: ending, migrations: [succeeded] },
    'pod shop/redis-1 has been moved by Migration shop/redis-1-uid1; its source is being removed',
  ],
  [
    'target',
    'of the target of a move, opted in or not',
    { pod: annotated({}), migrations: [coming] },
    'PodIsTarget: pod shop/redis-1 is the target of Migration shop/redis-1-uid1 (Committed) and can be evicted when that is finished',
  ],
  [
    'target',
    'of a target under the name of its source, by its UID',
    { ...naming('uid-1'), migrations: [sameName('Committed')] },
    'PodIsTarget: pod shop/redis-1 is the target of Migration shop/redis-1-uid1 (Committed) and can be evicted when that is finished',
  ],
  [
    'arrived',
    'of a pod that has just come under its own name, by that name',
    { migrations: [sameName('Succeeded')] },
    'pod shop/redis-1 has been moved by Migration shop/redis-1-uid1 and runs as pod shop/redis-1 on node w2; if it is meant there, name its UID or try again after 2026-01-01T00:10:05Z',
  ],
  [
    'movable',
    'of a pod that has just come under its own name, by whoever drains the node to which it has come',
    { migrations: [sameName('Succeeded')], isNodeClosed: true },
    `${triggered} (Pending)`,
  ],
  [
    'misspelt',
    'of a pod whose annotation means nothing',
    { pod: annotated({ 'transship.dev/migrate': 'True' }) },
    'AnnotationMalformed: Pod shop/redis-1 has the annotation transship.dev/migrate: "True"; write "true" or "false"',
  ],
  ['notOptedIn', 'of a pod that did not opt in', { pod: annotated({}) }],
  ['notOptedIn', 'of a pod that opted out', { pod: annotated({ 'transship.dev/migrate': 'false' }), policy: silent }],
  ['moving', 'of a pod that is being moved', { migrations: [moving] }, `${triggered} (Moving, Moving: sending 10 MB)`],
  [
    'moving',
    'of a pod that is being moved, by its UID',
    { ...naming('uid-1'), migrations: [moving] },
    `${triggered} (Moving, Moving: sending 10 MB)`,
  ],
  [
    'moving',
    'of a pod whose move names it only, and has not been looked at yet',
    { migrations: [migrationWith({ spec: { podUID: undefined } })] },
    `${triggered} (Pending)`,
  ],
  [
    'moving',
    'of a pod whose move is withdrawn, but not over yet',
    { migrations: [migrationWith({ spec: { cancel: true }, status: { phase: 'Preparing' } })] },
    `${triggered} (Preparing)`,
  ],
  [
    'moving',
    'of a pod that is moved although evictions do not',
    { migrations: [moving], policy: silent },
    `${triggered} (Moving, Moving: sending 10 MB)`,
  ],
  [
    'moving',
    'of a pod between its two of one name',
    { pod: undefined, migrations: [sameName('Preparing')] },
    `${triggered} (Preparing)`,
  ],
  [
    'moving',
    'of a pod that comes under its own name, by that name',
    { migrations: [sameName('Committed')] },
    `${triggered} (Committed)`,
  ],
  [
    'moving',
    'of its source, by its UID',
    { ...naming('uid-0'), migrations: [sameName('Preparing')] },
    `${triggered} (Preparing)`,
  ],
  [
    'moved',
    'of a source that is still there',
    { migrations: [succeeded] },
    'pod shop/redis-1 has been moved by Migration shop/redis-1-uid1; its source is being removed',
  ],
  [
    'lost',
    'of a source whose target was lost, whatever the policy says',
    { migrations: [lost], policy: keeping },
    'pod shop/redis-1 does not run any more: Migration shop/redis-1-uid1 has ended as Lost, TargetLost: its node died; its source is being removed',
  ],
  [
    'forbidden',
    'of a pod whose policy turns no evictions into moves',
    { policy: silent },
    `${startsAnew} PolicyForbidsMove: Pod shop/redis-1 is under MigrationPolicy strict, which turns no eviction into a move (triggers.eviction: false)`,
  ],
  [
    'forbidden',
    'of such a pod after a move that failed',
    { policy: silent, migrations: [failed] },
    `${startsAnew} PolicyForbidsMove: Pod shop/redis-1 is under MigrationPolicy strict, which turns no eviction into a move (triggers.eviction: false)`,
  ],
  ['failed', 'of a pod whose move has failed', { migrations: [failed] }, `${startsAnew} ${ended}`],
  [
    'failed',
    'of a pod whose move a person has cancelled',
    { migrations: [cancelled] },
    `${startsAnew} Migration shop/redis-1-uid1 has ended as Cancelled`,
  ],
  [
    'failedKept',
    'of a pod whose move has failed, where the policy keeps it',
    { migrations: [failed], policy: keeping },
    `pod shop/redis-1 is kept until 2026-01-01T00:15:00Z, as MigrationPolicy strict says (onFailure: Block): ${ended}. To try again: kubectl delete migration -n shop redis-1-uid1`,
  ],
  [
    'failedOver',
    'of a pod that has been kept for so long',
    { migrations: [failed], policy: keeping, now: Date.parse('2026-01-01T00:15:00Z') },
    `${startsAnew} ${ended}, ${over}`,
  ],
  [
    'unstarted',
    'of a pod that has not started, whatever the policy says',
    { ...finding(pending), pod: podWith({ status: { phase: 'Pending' } }), policy: keeping },
    `${startsAnew} PodNotRunning: Pod shop/redis-1 is Pending`,
  ],
  [
    'unmovable',
    'of a pod that cannot be moved, with every reason',
    finding(hostPort, terminal),
    `${startsAnew} HostPortUsed: container redis uses hostPort 80; TerminalUsed: container redis has a tty`,
  ],
  [
    'unmovable',
    'of a pod whose policies are in conflict',
    { ...finding(conflict), policy: { conflict } },
    `${startsAnew} PolicyConflict: a and b`,
  ],
  [
    'unmovable',
    'of a pod whose policies are in conflict, after a move that failed',
    { ...finding(conflict), policy: { conflict }, migrations: [failed] },
    `${startsAnew} PolicyConflict: a and b`,
  ],
  [
    'unmovableKept',
    'of a pod that cannot be moved, where the policy keeps it',
    { ...finding(hostPort), policy: keeping },
    'pod shop/redis-1 cannot be moved and is kept, as MigrationPolicy strict says (onFailure: Block): HostPortUsed: container redis uses hostPort 80. Migration shop/redis-1-uid1 records it',
  ],
  [
    'rejected',
    'of a pod whose Migration is refused',
    { trouble: quota },
    `${startsAnew} MigrationRejected: exceeded quota`,
  ],
  [
    'rejectedKept',
    'of a pod whose Migration is refused, where the policy keeps it',
    { trouble: quota, policy: keeping },
    'pod shop/redis-1 is kept until 2026-01-01T00:24:00Z, as MigrationPolicy strict says (onFailure: Block): MigrationRejected: exceeded quota',
  ],
  [
    'rejectedKept',
    'of a pod that cannot be moved and whose Migration is refused, where the policy keeps it',
    { ...finding(hostPort), trouble: quota, policy: keeping },
    'pod shop/redis-1 is kept until 2026-01-01T00:24:00Z, as MigrationPolicy strict says (onFailure: Block): MigrationRejected: exceeded quota',
  ],
  [
    'rejectedOver',
    'of a pod that has been kept so for long enough',
    { trouble: { ...quota, since: now - 900_000 }, policy: keeping },
    `${startsAnew} MigrationRejected: exceeded quota, ${over}`,
  ],
  [
    'unrecorded',
    'of a pod whose Migration could not be made yet',
    { trouble: outage },
    'could not record the evacuation of pod shop/redis-1 yet: connect ECONNREFUSED; it is tried again',
  ],
  ['movable', 'of a pod that can be moved', {}, `${triggered} (Pending)`],
  ['movable', 'of a pod that can be moved, by its UID', naming('uid-1'), `${triggered} (Pending)`],
  [
    'movable',
    'of a pod that has its name from one that was moved',
    { migrations: [migrationWith({ spec: { podUID: 'uid-0' }, status: { phase: 'Succeeded' } })] },
    `${triggered} (Pending)`,
  ],
  [
    'movable',
    'of a pod that came under its own name a while ago',
    { migrations: [sameName('Succeeded', '2026-01-01T00:09:45Z')] },
    `${triggered} (Pending)`,
  ],
  [
    'movable',
    'of a pod that has just come under its own name, by its UID',
    { ...naming('uid-1'), migrations: [sameName('Succeeded')] },
    `${triggered} (Pending)`,
  ],
];

/** Rows that have a Migration made behind the answer. */
const ordering: readonly RowName[] = ['movable', 'unmovableKept', 'rejectedKept', 'unrecorded'];

const expected = (row: RowName, message: string | undefined): object => {
  const { answer } = evictionTable[row];
  if (answer === 'later' || answer === 'gone') return { denial: { ...refusals[answer], message } };
  if (answer === 'allow') return {};
  const notice = row === 'misspelt' ? {} : { notice: { reason: 'EvictionAllowed', message } };
  return { warnings: [message], ...notice };
};

describe('the eviction', () => {
  it.each<Case>(cases)('(%s) %s', (row, _title, facts, message) => {
    const { order, ...verdict } = verdictOf(facts);
    expect(verdict).toEqual({ row, ...expected(row, message) });
    expect(order !== undefined).toBe(ordering.includes(row));
  });

  it('is every row of the table that the API server asks about', () => {
    const asked = Object.entries(evictionTable).filter(([, { answer }]) => answer !== 'unasked');
    expect(new Set(cases.map(([row]) => row))).toEqual(new Set(asked.map(([row]) => row)));
  });
});

describe('the order that an eviction gives', () => {
  it('is for the pod as it is, under its policy', () => {
    const pod = podWith();
    expect(verdictOf({ pod }).order).toEqual({ pod, policy: builtIn.spec });
  });

  it('takes the place of a move that uncordoning has taken back', () => {
    const withdrawn = migrationWith({
      metadata: { annotations: { 'transship.dev/withdrawn': 'true' } },
      spec: { trigger: 'Cordon', cancel: true },
      status: { phase: 'Cancelled' },
    });
    expect(verdictOf({ migrations: [withdrawn] })).toMatchObject({ row: 'movable', order: { instead: withdrawn } });
  });
});

describe('of several moves of a pod', () => {
  it('the one under way counts for more than one that failed later', () => {
    const later = migrationWith({
      metadata: { name: 'b', creationTimestamp: '2026-02-01T00:00:00Z' },
      status: { phase: 'Failed' },
    });
    expect(verdictOf({ migrations: [later, migrationWith()] }).row).toBe('moving');
  });

  it('the latest counts among those that have ended', () => {
    const later = migrationWith({
      metadata: { name: 'b', creationTimestamp: '2026-02-01T00:00:00Z' },
      status: { phase: 'Failed' },
    });
    expect(verdictOf({ migrations: [cancelled, later] }).warnings).toEqual([
      `${startsAnew} Migration shop/b has ended as Failed`,
    ]);
  });
});

it('a pod is kept from the failure on, to the millisecond', () => {
  const phaseTransitions = [
    { phase: 'Pending', time: '2026-01-01T00:00:00Z' },
    { phase: 'Failed', time: '2026-01-01T00:08:00Z' },
  ];
  const late = migrationWith({ status: { ...failed.status, phaseTransitions } });
  const end = Date.parse('2026-01-01T00:23:00Z');
  const at = (time: number) => verdictOf({ migrations: [late], policy: keeping, now: time }).row;
  expect([at(end - 1), at(end)]).toEqual(['failedKept', 'failedOver']);
});
