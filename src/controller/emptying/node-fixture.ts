import { builtInPolicy } from '../../api/migration-policy.ts';
import { type Migration, migrationNameOf } from '../../api/migration.ts';
import { migrationNodes, migrationPolicies, migrations, nodes, pods } from '../../api/resource.ts';
import { FakeClock } from '../../clock/fake-clock.ts';
import type { Regarding } from '../../kube/events.ts';
import { FakeApi } from '../../kube/fake-api.ts';
import { silentLog } from '../../log/log.ts';
import { ProcessTrace } from '../../trace/tracer.ts';
import { agentOf, now, podWith, sourceUID } from '../../migration/move-fixture.ts';
import { cachesSynced, createCaches, runCaches } from '../caches.ts';
import { findingsFrom } from '../findings.ts';
import { policiesFrom } from '../policies/choice.ts';
import { EmptyingReconciler } from './reconcile.ts';

/** The name of the Migration that the pod of the node gets. */
export const name = migrationNameOf('web-1', sourceUID);

/** For tests: a cluster with the pod `web-1` on node n1 and room for it on n2, and the reconciler that empties nodes. */
export const makeCluster = () => {
  const clock = new FakeClock(now);
  const api = new FakeApi(() => clock.now());
  const caches = createCaches({ api, clock, random: () => 0.5, log: silentLog });
  const told: string[] = [];
  const events = {
    record: ({ kind, name: of }: Regarding, type: string, reason: string) =>
      told.push(`${type} ${reason} ${kind} ${of}`),
    flush: () => Promise.resolve(),
  };
  const policyOf = policiesFrom(caches);
  const findingsOf = findingsFrom({ ...caches, policyOf, clock });
  const reconciler = new EmptyingReconciler({
    ...{ ...caches, api, events, clock, policyOf, findingsOf },
    tracer: new ProcessTrace({ run: '00000001', clock, write: () => undefined }).of('controller'),
    log: silentLog,
  });
  for (const of of ['n1', 'n2']) api.put(migrationNodes, agentOf(of));
  api.put(nodes, { metadata: { name: 'n2' } });
  api.put(pods, podWith());
  api.put(migrationPolicies, { metadata: { name: 'default' }, spec: { ...builtInPolicy, deadlineSeconds: 900 } });

  /** With caches that have seen all that the API server has by now. */
  const withCaches = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const stop = new AbortController();
    const running = runCaches(caches, stop.signal);
    await cachesSynced(caches, stop.signal);
    // What has changed since the last time comes by the watch.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      return await work(stop.signal);
    } finally {
      stop.abort(new Error('over'));
      await running;
    }
  };

  /** @param first what happens when the caches have been read, and before they hear of it. */
  const reconcile = (node = 'n1', first: () => void = () => undefined) =>
    withCaches((signal) => {
      first();
      return reconciler.reconcile({ name: node }, signal);
    });

  const record = (): Promise<Migration> => api.get(migrations, { namespace: 'default', name });
  const migrationNames = (): string[] => [...api.store.of('transship.dev/migrations').keys()];
  const podNames = (): string[] => [...api.store.of('/pods').keys()];
  /** The pods whose eviction was asked for, in order. */
  const evicted = (): (string | undefined)[] =>
    api.requests.filter(({ verb }) => verb === 'evict').map((request) => request.name);

  return { api, clock, told, reconcile, record, migrationNames, podNames, evicted };
};
