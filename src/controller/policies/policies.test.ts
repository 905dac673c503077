import { beforeEach, describe, expect, it } from 'vitest';
import { migrationPolicy, type MigrationPolicy, type WrittenPolicySpec } from '../../api/migration-policy.ts';
import type { Migration } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import { migrationPolicies, pods } from '../../api/resource.ts';
import { FakeClock } from '../../clock/fake-clock.ts';
import { namespaces } from '../../kube/builtin-resources.ts';
import type { Regarding } from '../../kube/events.ts';
import { FakeApi } from '../../kube/fake-api.ts';
import { lookupOf } from '../../kube/fake-lookup.ts';
import { silentLog } from '../../log/log.ts';
import { migrationWith, podWith, source } from '../../migration/move-fixture.ts';
import { type Caches, cachesSynced, createCaches, runCaches } from '../caches.ts';
import { policiesFrom, policyOfMove } from './choice.ts';
import { allPolicies, reachOfPolicies, triggerReach } from './reach.ts';

const policy = (name: string, spec: WrittenPolicySpec): MigrationPolicy =>
  migrationPolicy.parse({ metadata: { name, uid: name, resourceVersion: '1' }, spec });

const byNamespace = policy('team', { namespaceSelector: { matchLabels: { team: 'a' } }, maxInboundPerNode: 7 });
const byPod = policy('web', { podSelector: { matchLabels: { app: 'web' } }, maxInboundPerNode: 5 });
const fallback = policy('default', { maxInboundPerNode: 3 });

const namespace = (labels?: Record<string, string>) => ({
  metadata: { name: 'default', uid: 'ns', resourceVersion: '1', labels },
});

describe('the policy of a pod', () => {
  it('is chosen by the labels of its namespace', () => {
    const chosen = [namespace({ team: 'a' }), namespace(), undefined].map((known) => {
      const all = { policies: lookupOf(byNamespace, fallback), namespaces: lookupOf(...(known ? [known] : [])) };
      const choice = policiesFrom(all)(podWith());
      return 'conflict' in choice ? undefined : choice.name;
    });
    expect(chosen).toEqual(['team', 'default', 'default']);
  });

  it('is chosen once, and anew when the pod, its namespace or a policy changes', () => {
    let known = { policies: lookupOf(byNamespace, fallback), namespaces: lookupOf(namespace()) };
    const policyOf = policiesFrom({
      policies: { get: (key) => known.policies.get(key), items: () => known.policies.items() },
      namespaces: { get: (key) => known.namespaces.get(key), items: () => known.namespaces.items() },
    });
    const nameFor = (of: Pod) => {
      const choice = policyOf(of);
      return 'conflict' in choice ? undefined : choice.name;
    };
    const pod = podWith();
    expect(nameFor(pod)).toBe('default');
    expect(policyOf(pod)).toBe(policyOf(pod));
    known = { ...known, namespaces: lookupOf(namespace({ team: 'a' })) };
    expect(nameFor(pod)).toBe('team');
    known = { ...known, policies: lookupOf(byPod, byNamespace, fallback) };
    expect(nameFor(pod)).toBe('web');
    expect(nameFor(podWith({ metadata: { labels: {} } }))).toBe('team');
  });
});

describe('for a move that has been accepted holds', () => {
  const accepted = (name: string | undefined): Migration =>
    migrationWith({
      phase: 'Preparing',
      source,
      terms: { retries: 3, maxFreezeSeconds: 10, ...(name !== undefined && { policy: name }) },
    });

  it.each<[string, Migration, { pods: Pod[]; policies: MigrationPolicy[] }, number]>([
    [
      'the policy that it was accepted under, as it is now',
      accepted('default'),
      { pods: [podWith()], policies: [byPod, fallback] },
      3,
    ],
    [
      'that of its source, when that policy is gone',
      accepted('gone'),
      { pods: [podWith()], policies: [byPod, fallback] },
      5,
    ],
    [
      'that of its source, when its record does not say',
      migrationWith(),
      { pods: [podWith()], policies: [byPod, fallback] },
      5,
    ],
    [
      'what is built in, when its source is gone too',
      accepted(undefined),
      { pods: [], policies: [byPod, fallback] },
      2,
    ],
    [
      'what is built in, when policies are in conflict',
      accepted(undefined),
      { pods: [podWith()], policies: [byPod, { ...byPod, metadata: fallback.metadata }] },
      2,
    ],
  ])('%s', (_what, migration, known, maxInbound) => {
    const all = { policies: lookupOf(...known.policies), namespaces: lookupOf(), pods: lookupOf(...known.pods) };
    expect(policyOfMove(all)(migration).maxInboundPerNode).toBe(maxInbound);
  });
});

describe('a policy that selects nothing', () => {
  let api: FakeApi;
  let caches: Caches;
  let told: string[];

  beforeEach(() => {
    api = new FakeApi();
    caches = createCaches({ api, clock: new FakeClock(), random: () => 0.5, log: silentLog });
    told = [];
    api.put(namespaces, namespace());
    api.put(pods, podWith());
  });

  const events = {
    record: ({ kind, name }: Regarding, type: string, reason: string) => told.push(`${type} ${reason} ${kind} ${name}`),
    flush: () => Promise.resolve(),
  };

  const review = async (change: () => void): Promise<void> => {
    const stop = new AbortController();
    const running = runCaches(caches, stop.signal);
    await cachesSynced(caches, stop.signal);
    const added = allPolicies(caches).map(({ name }) => name);
    triggerReach(caches, ({ name }) => added.push(name));
    change();
    await new Promise((resolve) => setImmediate(resolve));
    for (const name of new Set(added)) await reachOfPolicies(caches, events)({ name }, stop.signal);
    stop.abort(new Error('over'));
    await running;
  };

  it('is told so, also when it comes later', async () => {
    api.put(migrationPolicies, policy('web', byPod.spec));
    api.put(migrationPolicies, policy('one', { podSelector: { matchLabels: { app: 'wbe' } } }));
    await review(() => api.put(migrationPolicies, byNamespace));
    expect(told).toEqual([
      'Warning PolicySelectsNothing MigrationPolicy one',
      'Warning PolicySelectsNothing MigrationPolicy team',
    ]);
  });

  it('is not, when it is gone', async () => {
    api.put(migrationPolicies, byNamespace);
    await review(() => undefined);
    told = [];
    await review(() => {
      api.store.remove('transship.dev/migrationpolicies', 'team');
    });
    expect(told).toEqual([]);
  });
});
