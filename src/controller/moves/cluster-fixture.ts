import { builtInPolicy, type MigrationPolicySpec } from '../../api/migration-policy.ts';
import { type Migration, migration as migrationSchema, type MigrationStatus } from '../../api/migration.ts';
import { migrationNode } from '../../api/migration-node.ts';
import type { Reason } from '../../api/reasons.ts';
import { migrationNodes, migrations, nodes, pods } from '../../api/resource.ts';
import { FakeClock } from '../../clock/fake-clock.ts';
import { events } from '../../kube/builtin-resources.ts';
import { createEventRecorder } from '../../kube/events.ts';
import { FakeApi } from '../../kube/fake-api.ts';
import { inert } from '../../failpoint/fail-points.ts';
import { keyText, type Lookup } from '../../kube/lookup.ts';
import { silentLog } from '../../log/log.ts';
import { address, agentOf, movable, now, podWith, sourceUID } from '../../migration/move-fixture.ts';
import type { HookCall } from '../../migration/hooks/call.ts';
import { afterFault } from '../../migration/attempt.ts';
import { phaseChange } from '../../migration/status.ts';
import type { TraceEvent } from '../../trace/event.ts';
import { ProcessTrace } from '../../trace/tracer.ts';
import { createHookRunner, type Ending } from '../hooks/runner.ts';
import { migrationsAboutFrom } from '../migrations-about.ts';
import type { PolicyOf } from '../policies/choice.ts';
import { OwnWrites } from './own-writes.ts';
import { PhaseWatch } from './phase-watch.ts';
import { PresentLine } from './present-line.ts';
import { MoveReconciler } from './reconcile.ts';

/** What the API server has, as a cache that is never behind. */
const lookupIn = <T extends { metadata: Migration['metadata'] }>(
  api: FakeApi,
  kind: string,
  parse: (stored: unknown) => T,
): Lookup<T> => ({
  get: (key) => {
    const stored = api.store.of(kind).get(keyText(key));
    return stored && parse(stored);
  },
  items: () => [...api.store.of(kind).values()].map(parse),
});

const signal = new AbortController().signal;
export const key = { namespace: 'default', name: 'move' };

/** What holds for all pods, and what besides for the pod of a name. */
interface Policies {
  ofAll: MigrationPolicySpec;
  changesFor: Record<string, Partial<MigrationPolicySpec>>;
}

/** For tests: a cluster with one Migration, the reconciler of moves, and what agents and scheduler do in between. */
export const makeCluster = () => {
  const clock = new FakeClock(now);
  const api = new FakeApi(() => clock.now());
  const recorder = createEventRecorder({
    api,
    clock,
    log: silentLog,
    controller: 'transship.dev/controller',
    instance: 'test',
  });
  const traced: TraceEvent[] = [];
  const policies: Policies = { ofAll: builtInPolicy, changesFor: {} };
  const known = lookupIn(api, 'transship.dev/migrations', (stored) => migrationSchema.parse(stored));
  const knownPods = lookupIn(api, '/pods', (stored) => pods.schema.parse(stored));
  const ownWrites = new OwnWrites();
  const policyOf: PolicyOf = ({ metadata: { name } }) => ({
    name: 'default',
    spec: { ...policies.ofAll, ...policies.changesFor[name] },
  });
  /** What hooks come to, by the URL or the program that they call; without one they go well. */
  const endings = new Map<string, () => Promise<Ending>>();
  const called: HookCall[] = [];
  const hooks = createHookRunner({
    carryOut: (call) => {
      called.push(call);
      const of = call.by === 'http' ? call.url : (call.command[0] ?? '');
      return endings.get(of)?.() ?? Promise.resolve({ output: 'done' });
    },
    ...{ onEnd: () => undefined, clock, log: silentLog },
  });
  const reconciler = new MoveReconciler({
    ...{ api, policyOf, ownWrites, migrations: known, pods: knownPods },
    migrationsAbout: (pod) => migrationsAboutFrom({ items: () => known.items(), onChange: () => undefined })(pod),
    line: new PresentLine({ migrations: known, pods: knownPods, policyOf, ownWrites, clock }),
    migrationNodes: lookupIn(api, 'transship.dev/migrationnodes', (stored) => migrationNode.parse(stored)),
    nodes: lookupIn(api, '/nodes', (stored) => nodes.schema.parse(stored)),
    surroundingsOf: () => ({}),
    events: recorder,
    hooks,
    phaseWatch: new PhaseWatch(clock),
    tracer: new ProcessTrace({ run: '00000001', clock, write: (event) => traced.push(event) }).of('controller'),
    points: inert,
    clock,
    log: silentLog,
  });
  api.put(migrationNodes, agentOf('n1'));
  api.put(migrationNodes, agentOf('n2'));
  api.put(pods, podWith());
  api.put(migrations, { metadata: { name: 'move', namespace: 'default' }, spec: { podName: 'web-1' } });

  const reconcile = (name = 'move') => reconciler.reconcile({ ...key, name }, signal);
  const record = () => api.get(migrations, key);
  const podNames = () => [...api.store.of('/pods').keys()];
  const eventsSaid = async (): Promise<string[]> => {
    await recorder.flush();
    return (await api.list(events)).items.map(({ reason, regarding }) => `${regarding?.kind ?? ''} ${reason ?? ''}`);
  };

  /** What an agent writes. */
  const agentWrites = async (status: Partial<MigrationStatus>): Promise<void> => {
    await api.patch(migrations, key, { status }, { subresource: 'status' });
  };
  const agentEnters = async (phase: MigrationStatus['phase'], fields: Partial<MigrationStatus> = {}): Promise<void> => {
    const patch = phaseChange(await record(), {
      to: phase,
      now: clock.now(),
      reason: phase === 'Failed' ? 'DumpFailed' : 'Moving',
      message: `entered ${phase}`,
      fields,
    });
    await api.patch(migrations, key, patch, { subresource: 'status' });
  };

  const inspect = async (): Promise<void> => {
    const { status } = await record();
    await agentWrites({
      source: { nodeName: 'n1', podUID: sourceUID, address },
      conditions: [...(status?.conditions ?? []).filter((c) => c.type !== 'Movable'), movable],
    });
  };

  const schedule = async (): Promise<string> => {
    const name = (await record()).status?.target?.podName ?? '';
    await api.patch(pods, { namespace: 'default', name }, { spec: { nodeName: 'n2' } });
    return name;
  };

  const ready = (name: string): void => {
    const stored = api.store.of('/pods').get(`default/${name}`);
    if (stored)
      api.put(pods, {
        ...stored,
        status: {
          phase: 'Running',
          conditions: [{ type: 'Ready', status: 'True' }],
          containerStatuses: [
            {
              name: 'web',
              image: '',
              imageID: '',
              containerID: 'containerd://c2',
              ready: true,
              restartCount: 0,
              state: { running: {} },
            },
          ],
        },
      });
  };

  /** What the agent of the target says when it has seen it run. */
  const release = async (): Promise<void> => {
    const { status } = await record();
    if (!status?.target) throw new Error('there is no target');
    await agentWrites({ target: { ...status.target, releaseTime: new Date(clock.now()).toISOString() } });
  };

  /** An agent ends the present attempt. */
  const agentEnds = async (reason: Reason): Promise<void> => {
    const patch = afterFault(await record(), { reason, message: 'it broke' }, { now: clock.now() });
    await api.patch(migrations, key, patch, { subresource: 'status' });
  };

  /** Up to where the agents take over. */
  const untilPrepared = async (): Promise<string> => {
    await reconcile();
    await inspect();
    await reconcile();
    const name = await schedule();
    await reconcile();
    return name;
  };

  return {
    ...{ api, clock, policies, endings, called, traced },
    ...{ reconcile, record, podNames, eventsSaid, agentWrites, agentEnters },
    ...{ inspect, schedule, ready, release, agentEnds, untilPrepared },
  };
};
