import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome as Ended } from '../../lab/process.ts';
import { until } from '../../lab/wait.ts';
import { apiVersion } from '../../src/api/group.ts';
import { defaultPolicyName, type MigrationPolicySpec } from '../../src/api/migration-policy.ts';
import { isReason } from '../../src/api/reasons.ts';
import { type CounterClient, startCounter } from '../cluster/counter-client.ts';
import { eventOn } from '../cluster/events.ts';
import { apply, getJson, kubectl, tryKubectl } from '../cluster/kubectl.ts';
import { finishedMove, type MigrationView, migrationsIn } from '../cluster/migrations.ts';
import { manifestOf, type Outcome, type Workload, workloads } from '../cluster/mixed-pods.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { drainCommand, whileOnlyOpen } from '../cluster/nodes.ts';
import { peaksOf, timelineOf } from '../cluster/occupancy.ts';
import { type PodView, readyPods } from '../cluster/redis.ts';
import { type Seen, watch } from '../cluster/watch.ts';

const namespace = 'e2e-mixed-drain';
const node = 'n1';
const out = join(import.meta.dirname, '..', '..', 'out');
/** So many clients as there are, without a pause, would take the two cores of the lab from those who move. */
const pauseMs = 20;
const setUpMs = 180_000;
const drainMs = 240_000;

/** Of `kubectl drain` with `--force`, without which it does not touch a pod that has no owner. */
const command = [...drainCommand(node), '--force'];

/** One pod before the drain. */
interface Subject {
  readonly workload: Workload;
  readonly pod: PodView;
  /** Of those that are to move. */
  readonly client?: CounterClient;
}

/** What became of it: a row of out/drain.json. */
interface Row {
  readonly name: string;
  readonly owner: Workload['owner'];
  readonly outcome: Outcome;
  readonly reasons?: readonly string[];
  readonly connectionSurvived?: boolean;
  readonly frozenForMs?: number;
}

const under = new AsyncDisposableStack();
const subjects: Subject[] = [];
let ended: Ended;
let rows: readonly Row[];
let limits: MigrationPolicySpec;
let peaks: ReturnType<typeof peaksOf>;

const subjectOf = async (workload: Workload, pod: PodView): Promise<Subject> => {
  if (workload.outcome !== 'moved') return { workload, pod };
  const client = await startCounter('n0', { host: pod.status.podIP ?? '', port: 6379 }, 'mixed', pauseMs);
  under.defer(() => client.close());
  return { workload, pod, client };
};

beforeAll(async () => {
  await freshNamespace(namespace);
  under.defer(async () => {
    await removeNamespace(namespace);
  });
  await whileOnlyOpen([node], async () => {
    await apply(...workloads.map((workload) => manifestOf(workload, namespace)));
    for (const workload of workloads)
      for (const pod of await readyPods({ namespace, name: workload.name }, workload.pods))
        subjects.push(await subjectOf(workload, pod));
  });
}, setUpMs);

afterAll(() => under.disposeAsync());

const uidsNow = async (): Promise<ReadonlySet<string>> => {
  const { items } = await getJson<{ items: readonly PodView[] }>('pods', '-n', namespace);
  return new Set(items.map(({ metadata }) => metadata.uid));
};

/** The words of the registry that stand before their sentences. */
const reasonsIn = (message: string): readonly string[] =>
  [...message.matchAll(/\b([A-Z]\w+): /g)].map(([, word]) => word ?? '').filter(isReason);

const rowOfMoved = async ({ workload, pod, client }: Subject): Promise<Row> => {
  const { status } = await finishedMove(namespace, pod.metadata.name);
  const lap = await client?.lap();
  const frozenForMs = status?.timings?.['freezeMs'];
  return {
    name: pod.metadata.name,
    owner: workload.owner,
    outcome: 'moved',
    ...(lap && { connectionSurvived: lap.connected && lap.answers > 0 && lap.jumps === 0 }),
    ...(frozenForMs !== undefined && { frozenForMs }),
  };
};

const rowOfEvicted = async ({ workload, pod }: Subject): Promise<Row> => {
  const { name } = pod.metadata;
  const row = { name, owner: workload.owner, outcome: 'evicted' } as const;
  if (!workload.optIn) return row;
  const { message } = await eventOn(namespace, 'Pod', name, 'EvictionAllowed');
  return { ...row, reasons: reasonsIn(message) };
};

/** By what there is in the cluster, not by what is expected. */
const rowOf = (subject: Subject, moves: readonly MigrationView[]): Promise<Row> => {
  const { name, uid } = subject.pod.metadata;
  const move = moves.find(({ spec, status }) => spec.podName === name && status?.source?.podUID === uid);
  return move?.status?.phase === 'Succeeded' ? rowOfMoved(subject) : rowOfEvicted(subject);
};

const drain = async (): Promise<Ended> => {
  try {
    return await tryKubectl(...command);
  } finally {
    await kubectl('uncordon', node);
  }
};

const settledMoves = (): Promise<readonly MigrationView[]> =>
  until({ what: 'all moves to be over', timeoutMs: 30_000 }, async () => {
    const moves = await migrationsIn(namespace);
    const isOver = moves.every(({ status }) =>
      status?.conditions?.some((condition) => condition.type === 'Finished' && condition.status === 'True'),
    );
    return isOver ? moves : undefined;
  });

const policy = async (): Promise<MigrationPolicySpec> =>
  (await getJson<{ spec: MigrationPolicySpec }>('migrationpolicy', defaultPolicyName)).spec;

const writeDown = async (events: readonly Seen<MigrationView>[], begun: number): Promise<void> => {
  // Moves of other namespaces count as well, but what was over before is of no interest.
  const before = timelineOf(events.filter(({ at }) => at < begun)).length;
  const timeline = timelineOf(events).slice(before);
  peaks = peaksOf(timeline);
  const { maxConcurrent, maxOutboundPerNode, maxInboundPerNode } = limits;
  const report = {
    ...{ command: `kubectl ${command.join(' ')}`, exitCode: ended.code, pods: rows },
    limits: { maxConcurrent, maxOutboundPerNode, maxInboundPerNode, highest: peaks },
    timeline,
  };
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'drain.json'), `${JSON.stringify(report, null, 2)}\n`);
};

describe('a node with twenty pods of every kind, of which some can be moved,', () => {
  it(
    'is drained by one kubectl drain, which ends with 0',
    async () => {
      await using moves = await watch<MigrationView>(`/apis/${apiVersion}/migrations`);
      limits = await policy();
      for (const { client } of subjects) await client?.lap();
      const begun = Date.now();
      ended = await drain();
      const over = await settledMoves();
      rows = await Promise.all(subjects.map((subject) => rowOf(subject, over)));
      await writeDown(moves.seen(), begun);
      expect(subjects).toHaveLength(20);
      expect(ended).toMatchObject({ code: 0 });
      const there = await uidsNow();
      expect(subjects.filter(({ pod }) => there.has(pod.metadata.uid)).map(({ pod }) => pod.metadata.name)).toEqual([]);
    },
    drainMs,
  );

  it('moves whatever can be moved, and its connections go along', () => {
    const expected = subjects.map(({ workload: { outcome }, pod }) => ({ name: pod.metadata.name, outcome }));
    expect(rows.map(({ name, outcome }) => ({ name, outcome }))).toEqual(expected);
    for (const { name, outcome, connectionSurvived, frozenForMs } of rows)
      if (outcome === 'moved')
        expect({ name, connectionSurvived, frozenForMs }).toEqual({
          ...{ name, connectionSurvived: true, frozenForMs: expect.any(Number) as number },
        });
  });

  it('evicts the rest, and says every reason to whoever opted in: on the terminal and in an event', () => {
    for (const { workload, pod } of subjects) {
      const { name } = pod.metadata;
      const row = rows.find((each) => each.name === name);
      if (workload.outcome === 'moved' || !workload.optIn) continue;
      expect({ name, reasons: row?.reasons }).toEqual({ name, reasons: workload.reasons });
      const told = ended.stderr.split('\n').filter((line) => line.includes(`Pod ${namespace}/${name} opted in`));
      expect(told.flatMap(reasonsIn)).toEqual(expect.arrayContaining([...workload.reasons]));
    }
  });

  it('has as many moves under way at once as the policy allows, and never more', () => {
    expect(peaks.fromNode).toBe(limits.maxOutboundPerNode);
    expect(peaks.toNode).toBeLessThanOrEqual(limits.maxInboundPerNode);
    expect(peaks.inCluster).toBeLessThanOrEqual(limits.maxConcurrent);
  });
});
