import { describe, expect, it } from 'vitest';
import { type EvictionFacts, type EvictionVerdict, evictionVerdict } from './eviction-verdict.ts';
import type { MigrationPolicySpec } from '../api/migration-policy.ts';
import { builtIn, type PolicyChoice } from '../migration/policy.ts';
import { migrationWith, podWith } from '../api/pod-fixture.ts';

const verdictOf = (facts: Partial<EvictionFacts> = {}): EvictionVerdict =>
  evictionVerdict({
    eviction: { namespace: 'shop', name: 'redis-1', dryRun: false, podUID: undefined },
    pod: podWith(),
    migrations: [],
    policy: builtIn,
    now: Date.parse('2026-01-01T00:10:00Z'),
    findingsOf: () => [],
    ...facts,
  });

const policyWith = (changes: Partial<MigrationPolicySpec>): PolicyChoice => ({
  name: 'strict',
  spec: { ...builtIn.spec, ...changes },
});

const eviction = { namespace: 'shop', name: 'redis-1', dryRun: false, podUID: undefined };
const silently: EvictionVerdict = { kind: 'allow', warnings: [] };

describe('an eviction passes as on any cluster', () => {
  const cases: [string, Partial<EvictionFacts>][] = [
    ['when it is a dry run', { eviction: { ...eviction, dryRun: true } }],
    ['when the pod is not known', { pod: undefined }],
    ['when the pod did not opt in', { pod: podWith({ metadata: { annotations: {} } }) }],
    ['when the pod opted out', { pod: podWith({ metadata: { annotations: { 'transship.dev/migrate': 'false' } } }) }],
    ['when the pod has succeeded', { pod: podWith({ status: { phase: 'Succeeded' } }) }],
    ['when the pod has failed', { pod: podWith({ status: { phase: 'Failed' } }) }],
    ['when the pod is being deleted', { pod: podWith({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }) }],
    ['when it names the UID of another pod', { eviction: { ...eviction, podUID: 'uid-2' } }],
  ];
  it.each(cases)('%s', (_case, facts) => {
    expect(verdictOf(facts)).toEqual(silently);
  });

  it('with a warning when the annotation is malformed', () => {
    const pod = podWith({ metadata: { annotations: { 'transship.dev/migrate': 'True' } } });
    expect(verdictOf({ pod })).toEqual({
      kind: 'allow',
      warnings: [
        'AnnotationMalformed: Pod shop/redis-1 has the annotation transship.dev/migrate: "True"; write "true" or "false"',
      ],
    });
  });
});

describe('an opted-in pod', () => {
  it('is moved when nothing is in the way', () => {
    expect(verdictOf()).toMatchObject({ kind: 'move', pod: { metadata: { uid: 'uid-1' } } });
  });

  it('is moved when the eviction names its UID', () => {
    expect(verdictOf({ eviction: { ...eviction, podUID: 'uid-1' } })).toMatchObject({ kind: 'move' });
  });

  it('is moved although an earlier pod of its name has been', () => {
    const earlier = migrationWith({ spec: { podUID: 'uid-0' }, status: { phase: 'Succeeded' } });
    expect(verdictOf({ migrations: [earlier] })).toMatchObject({ kind: 'move' });
  });

  it('that cannot move is evicted, with every reason in the warning and in the event', () => {
    const findingsOf = (): { reason: 'HostPortUsed' | 'TerminalUsed'; message: string }[] => [
      { reason: 'HostPortUsed', message: 'container redis uses hostPort 80' },
      { reason: 'TerminalUsed', message: 'container redis has a tty' },
    ];
    const message =
      'Pod shop/redis-1 opted in to be moved but its eviction was allowed, so it starts anew: HostPortUsed: container redis uses hostPort 80; TerminalUsed: container redis has a tty';
    expect(verdictOf({ findingsOf })).toEqual({
      kind: 'allow',
      warnings: [message],
      notice: { reason: 'EvictionAllowed', message },
    });
  });
});

describe('while a move is under way', () => {
  const denial = (message: string): EvictionVerdict => ({
    kind: 'deny',
    denial: { code: 429, reason: 'TooManyRequests', message },
  });

  it('the source is kept, with the progress', () => {
    const moving = migrationWith({ status: { phase: 'Moving', reason: 'Moving', message: 'sending 10 MB' } });
    expect(verdictOf({ migrations: [moving] })).toEqual(
      denial(
        'Eviction triggered evacuation of pod shop/redis-1: Migration shop/redis-1-uid1 (Moving, Moving: sending 10 MB)',
      ),
    );
  });

  it('one that has not been looked at yet counts by the name of its pod', () => {
    const asked = migrationWith({ spec: { podUID: undefined } });
    expect(verdictOf({ migrations: [asked] })).toEqual(
      denial('Eviction triggered evacuation of pod shop/redis-1: Migration shop/redis-1-uid1 (Pending)'),
    );
  });

  it('it counts for more than one that failed later', () => {
    const failed = migrationWith({
      metadata: { name: 'b', creationTimestamp: '2026-02-01T00:00:00Z' },
      status: { phase: 'Failed' },
    });
    expect(verdictOf({ migrations: [failed, migrationWith()] })).toMatchObject({ kind: 'deny', denial: { code: 429 } });
  });

  it('the target is kept, opted in or not', () => {
    const incoming = migrationWith({
      spec: { podName: 'redis-0', podUID: 'uid-0' },
      status: { phase: 'Committed', target: { podName: 'redis-1' } },
    });
    const pod = podWith({ metadata: { annotations: {} } });
    expect(verdictOf({ pod, migrations: [incoming] })).toEqual(
      denial(
        'PodIsTarget: pod shop/redis-1 is the target of Migration shop/redis-1-uid1 (Committed) and can be evicted when that is finished',
      ),
    );
  });
});

describe('after a move', () => {
  it('that succeeded, the source is as good as gone', () => {
    expect(verdictOf({ migrations: [migrationWith({ status: { phase: 'Succeeded' } })] })).toEqual({
      kind: 'deny',
      denial: {
        code: 404,
        reason: 'NotFound',
        message: 'pod shop/redis-1 has been moved by Migration shop/redis-1-uid1; its source is being removed',
      },
    });
  });

  describe('that was cancelled', () => {
    const cancelled = migrationWith({ spec: { trigger: 'Cordon', cancel: true }, status: { phase: 'Cancelled' } });
    const byUncordon = migrationWith({
      metadata: { annotations: { 'transship.dev/withdrawn': 'true' } },
      spec: { trigger: 'Cordon', cancel: true },
      status: { phase: 'Cancelled' },
    });

    it('by a person, the pod is evicted', () => {
      expect(verdictOf({ migrations: [cancelled] })).toMatchObject({ kind: 'allow' });
    });

    it('by uncordoning, the pod is moved by another one', () => {
      expect(verdictOf({ migrations: [byUncordon] })).toMatchObject({ kind: 'move', instead: byUncordon });
    });

    it('by uncordoning, but not over yet, the source is kept', () => {
      const asked = { ...byUncordon, status: { phase: 'Preparing' as const } };
      expect(verdictOf({ migrations: [asked] })).toMatchObject({ kind: 'deny', denial: { code: 429 } });
    });
  });

  const failed = migrationWith({ status: { phase: 'Failed', reason: 'DumpFailed', message: 'no room' } });

  it('that failed, the pod is evicted and the user is told', () => {
    const message =
      'Pod shop/redis-1 opted in to be moved but its eviction was allowed, so it starts anew: Migration shop/redis-1-uid1 has ended as Failed, DumpFailed: no room';
    expect(verdictOf({ migrations: [failed] })).toEqual({
      kind: 'allow',
      warnings: [message],
      notice: { reason: 'EvictionAllowed', message },
    });
  });

  const keeping = policyWith({ onFailure: 'Block', blockSeconds: 900 });

  it('that failed, the pod is kept for a while where the policy says so, and the way out is named', () => {
    expect(verdictOf({ migrations: [failed], policy: keeping })).toEqual({
      kind: 'deny',
      denial: {
        code: 429,
        reason: 'TooManyRequests',
        message:
          'pod shop/redis-1 is kept until 2026-01-01T00:15:00Z, as MigrationPolicy strict says (onFailure: Block): Migration shop/redis-1-uid1 has ended as Failed, DumpFailed: no room. To try again: kubectl delete migration -n shop redis-1-uid1',
      },
    });
  });

  it('that failed, the pod is evicted when it has been kept for so long', () => {
    const message =
      'Pod shop/redis-1 opted in to be moved but its eviction was allowed, so it starts anew: Migration shop/redis-1-uid1 has ended as Failed, DumpFailed: no room, and the 900 s have passed for which MigrationPolicy strict keeps it (onFailure: Block)';
    const end = Date.parse('2026-01-01T00:15:00Z');
    const at = (now: number) => verdictOf({ migrations: [failed], policy: keeping, now });
    expect(at(end - 1)).toMatchObject({ kind: 'deny' });
    expect(at(end)).toEqual({ kind: 'allow', warnings: [message], notice: { reason: 'EvictionAllowed', message } });
  });

  it('that failed, the time is counted from the failure', () => {
    const phaseTransitions = [
      { phase: 'Pending', time: '2026-01-01T00:00:00Z' },
      { phase: 'Failed', time: '2026-01-01T00:08:00Z' },
    ];
    const late = migrationWith({ status: { ...failed.status, phaseTransitions } });
    expect(verdictOf({ migrations: [late], policy: keeping })).toMatchObject({
      denial: { message: expect.stringContaining('kept until 2026-01-01T00:23:00Z,') as string },
    });
  });

  it('that was cancelled, the pod is evicted', () => {
    expect(verdictOf({ migrations: [migrationWith({ status: { phase: 'Cancelled' } })] })).toMatchObject({
      kind: 'allow',
      notice: { reason: 'EvictionAllowed' },
    });
  });
});

describe('where the policy does not turn evictions into moves', () => {
  const policy = policyWith({ triggers: { ...builtIn.spec.triggers, eviction: false }, onFailure: 'Block' });
  const message =
    'Pod shop/redis-1 opted in to be moved but its eviction was allowed, so it starts anew: MigrationPolicy strict turns no eviction into a move (triggers.eviction: false)';

  it.each<[string, Partial<EvictionFacts>]>([
    ['an opted-in pod is evicted, and the user is told which policy it was', {}],
    ['so it is after a move that failed', { migrations: [migrationWith({ status: { phase: 'Failed' } })] }],
  ])('%s', (_case, facts) => {
    expect(verdictOf({ policy, ...facts })).toEqual({
      kind: 'allow',
      warnings: [message],
      notice: { reason: 'EvictionAllowed', message },
    });
  });

  it.each<[string, 'Moving' | 'Succeeded', number]>([
    ['a move that somebody has asked for is not cut short', 'Moving', 429],
    ['a pod that has been moved is as good as gone', 'Succeeded', 404],
  ])('%s', (_case, phase, code) => {
    expect(verdictOf({ policy, migrations: [migrationWith({ status: { phase } })] })).toMatchObject({
      denial: { code },
    });
  });

  it('a pod that did not opt in is evicted in silence', () => {
    expect(verdictOf({ policy, pod: podWith({ metadata: { annotations: {} } }) })).toEqual(silently);
  });
});

describe('where policies are in conflict', () => {
  const conflict = { reason: 'PolicyConflict', message: 'a and b' } as const;
  const given = { policy: { conflict }, findingsOf: () => [conflict] };
  const told = {
    kind: 'allow',
    warnings: [expect.stringContaining('so it starts anew: PolicyConflict: a and b')],
    notice: { reason: 'EvictionAllowed' },
  };

  it.each<[string, Partial<EvictionFacts>]>([
    ['an opted-in pod is evicted as any that cannot be moved', {}],
    ['so it is after a move that failed', { migrations: [migrationWith({ status: { phase: 'Failed' } })] }],
  ])('%s', (_case, facts) => {
    expect(verdictOf({ ...given, ...facts })).toMatchObject(told);
  });

  it('a move that is under way goes on', () => {
    const moving = migrationWith({ status: { phase: 'Moving' } });
    expect(verdictOf({ ...given, migrations: [moving] })).toMatchObject({ denial: { code: 429 } });
  });
});
