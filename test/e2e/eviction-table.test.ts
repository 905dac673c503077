import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../lab/wait.ts';
import { apiVersion } from '../../src/api/group.ts';
import { migrationNameOf } from '../../src/api/migration.ts';
import type { WrittenPolicySpec } from '../../src/api/migration-policy.ts';
import { type Answer, type Api, openApi } from '../cluster/api-as.ts';
import { eventOn } from '../cluster/events.ts';
import { atATime, evict, keyOf } from '../cluster/evictions.ts';
import { ghostPod, ghostPods, type GhostWithAgent, startGhostWithAgent } from '../cluster/ghost-pods.ts';
import { apply, getJson, kubectl, tryKubectl } from '../cluster/kubectl.ts';
import { expectSuccess, finishedMove, migrationsIn, moveIn, overMove } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { startingOn } from '../cluster/nodes.ts';
import { deployRedis, type PodView, readyPod } from '../cluster/redis.ts';

/*
 * The rows of docs/eviction.md that need little time, on the real API server.
 * Where nothing has to run, the pods are ghosts.
 */

const namespace = 'e2e-evictions';
const full = 'e2e-evictions-full';
const node = 'ghost-of-evictions';
const foreignUID = '00000000-0000-4000-8000-000000000000';

/** The API server gives an eviction that passes the code of a creation. */
const passed = 201;
const hostPort = { ports: [{ containerPort: 6379, hostPort: 16380 }] };

let api: Api;
let ghost: GhostWithAgent;

const policies: Readonly<Record<string, WrittenPolicySpec>> = {
  kept: { onFailure: 'Block', blockSeconds: 60 },
  forbidden: { triggers: { eviction: false } },
};
const policyName = (app: string): string => `e2e-evictions-${app}`;

const ghosts = (name: string, count = 1, more: object = {}): Promise<readonly PodView[]> =>
  ghostPods(api, { namespace, name, node, count, ...more });

const only = ([pod]: readonly PodView[]): PodView => {
  if (!pod) throw new Error('there is no pod');
  return pod;
};

const exists = async ({ metadata: { name, uid } }: PodView): Promise<boolean> => {
  const { stdout } = await tryKubectl('get', 'pod', name, '-n', namespace, '-o', 'jsonpath={.metadata.uid}');
  return stdout === uid;
};

const movesOf = async ({ metadata }: PodView) =>
  (await migrationsIn(namespace)).filter(({ spec }) => spec.podName === metadata.name);

/** As the webhook words it, when a move is under way or is to be. */
const triggered = ({ metadata: { name, uid } }: PodView): object => ({
  code: 429,
  message: expect.stringContaining(
    `Eviction triggered evacuation of pod ${namespace}/${name}: Migration ${namespace}/${migrationNameOf(name, uid)} (`,
  ) as string,
  object: expect.objectContaining({ reason: 'TooManyRequests' }) as object,
});

/** The answer once it is what is waited for: what the webhook answers from follows the API server by milliseconds. */
const untilAnswered = (what: string, ask: () => Promise<Answer>, holds: (answer: Answer) => boolean): Promise<Answer> =>
  until({ what, timeoutMs: 15_000 }, async () => {
    const answer = await ask();
    return holds(answer) ? answer : undefined;
  });

beforeAll(async () => {
  await Promise.all([freshNamespace(namespace), freshNamespace(full)]);
  api = await openApi();
  ghost = await startGhostWithAgent(api, node, 'n1');
  for (const [app, spec] of Object.entries(policies)) {
    const metadata = { name: policyName(app) };
    const podSelector = { matchLabels: { app } };
    await apply({ apiVersion, kind: 'MigrationPolicy', metadata, spec: { podSelector, ...spec } });
  }
});

beforeEach(() => ghost.beat());

afterAll(async () => {
  await kubectl('delete', 'migrationpolicy', ...Object.keys(policies).map(policyName), '--ignore-not-found');
  await Promise.all([removeNamespace(namespace), removeNamespace(full)]);
  await ghost[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

describe('the eviction of a pod that can be moved', () => {
  it('does nothing as a dry run, however that is said', async () => {
    const pod = only(await ghosts('tried'));
    const dryRun = { deleteOptions: { dryRun: ['All'] } };
    for (const options of [{ dryRun: true }, dryRun, { dryRun: true, ...dryRun }])
      expect(await evict(api, keyOf(pod), options)).toMatchObject({ code: passed, warnings: '' });
    expect(await exists(pod)).toBe(true);
    expect(await movesOf(pod)).toEqual([]);
  });

  it.each(['policy/v1', 'policy/v1beta1'] as const)('by %s becomes a Migration', async (version) => {
    const pod = only(await ghosts(`by-${version.slice('policy/'.length)}`));
    const deleteOptions = { preconditions: { uid: pod.metadata.uid } };
    expect(await evict(api, keyOf(pod), { version, deleteOptions })).toMatchObject(triggered(pod));
    const event = await eventOn(namespace, 'Pod', pod.metadata.name, 'EvacuationTriggered');
    expect(event.type).toBe('Normal');
    expect((await movesOf(pod)).map(({ spec }) => spec.trigger)).toEqual(['Eviction']);
    expect(await exists(pod)).toBe(true);
  });

  it('becomes one Migration, whoever asks at the same time and however often', async () => {
    const pod = only(await ghosts('wanted'));
    const times = Array.from({ length: 64 });
    for (const answer of await atATime(32, times, () => evict(api, keyOf(pod))))
      expect(answer).toMatchObject(triggered(pod));
    await eventOn(namespace, 'Pod', pod.metadata.name, 'EvacuationTriggered');
    expect(await movesOf(pod)).toHaveLength(1);
  });

  it('costs nothing of its PodDisruptionBudget', async () => {
    const pod = only(await ghosts('guarded'));
    await budget('guarded', 1, { currentHealthy: 1 });
    expect(await evict(api, keyOf(pod))).toMatchObject(triggered(pod));
    const { currentHealthy, disruptedPods = {} } = await statusOfBudget('guarded');
    expect({ currentHealthy, disruptedPods }).toEqual({ currentHealthy: 1, disruptedPods: {} });
  });
});

interface BudgetStatus {
  readonly currentHealthy: number;
  readonly disruptionsAllowed: number;
  readonly disruptedPods?: object;
}

const statusOfBudget = async (name: string): Promise<BudgetStatus> =>
  (await getJson<{ status: BudgetStatus }>('poddisruptionbudget', name, '-n', namespace)).status;

/** Returns when the disruption controller has counted its pods. */
const budget = async (name: string, minAvailable: number, counted: Partial<BudgetStatus>): Promise<void> => {
  const spec = { minAvailable, selector: { matchLabels: { app: name } } };
  await apply({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { namespace, name }, spec });
  await until({ what: `the budget ${name} to be counted`, timeoutMs: 30_000 }, async () => {
    const status = await statusOfBudget(name);
    return Object.entries(counted).every(([field, value]) => status[field as keyof BudgetStatus] === value)
      ? true
      : undefined;
  });
};

describe('the eviction of a pod that cannot be moved', () => {
  it('passes with a warning that names the reason, and an event', async () => {
    const pod = only(await ghosts('bound', 1, { container: hostPort }));
    const answer = await evict(api, keyOf(pod));
    expect(answer).toMatchObject({ code: passed, warnings: expect.stringContaining('HostPortUsed: ') as string });
    const event = await eventOn(namespace, 'Pod', pod.metadata.name, 'EvictionAllowed');
    expect(event.message).toContain('HostPortUsed: ');
    expect(await exists(pod)).toBe(false);
    expect(await movesOf(pod)).toEqual([]);
  });

  it('is charged to its PodDisruptionBudget', async () => {
    const [first, second] = await ghosts('budgeted', 2, { container: hostPort });
    await budget('budgeted', 1, { disruptionsAllowed: 1 });
    expect(await evict(api, keyOf(first!))).toMatchObject({ code: passed });
    const refused = await evict(api, keyOf(second!));
    expect(refused).toMatchObject({ code: 429, message: expect.stringContaining('disruption budget') as string });
    expect(await exists(second!)).toBe(true);
  });

  it('is refused for a time where the policy says Block, and a Migration says why', async () => {
    const pod = only(await ghosts('kept', 1, { container: hostPort }));
    const first = await evict(api, keyOf(pod));
    expect(first.code).toBe(429);
    expect(first.message).toContain(
      `cannot be moved and is kept, as MigrationPolicy ${policyName('kept')} says (onFailure: Block): HostPortUsed: `,
    );
    const { metadata, status } = await overMove(namespace, migrationNameOf(pod.metadata.name, pod.metadata.uid));
    expect(status).toMatchObject({ phase: 'Failed', reason: 'HostPortUsed' });
    const later = await untilAnswered(
      'the end of the time to be told',
      () => evict(api, keyOf(pod)),
      ({ message }) => message.includes('is kept until '),
    );
    expect(later).toMatchObject({ code: 429, message: expect.stringContaining(metadata.name) as string });
    expect(await exists(pod)).toBe(true);
  });

  it('passes where the policy turns no evictions into moves, and says so', async () => {
    const pod = only(await ghosts('forbidden'));
    const warnings = expect.stringContaining('PolicyForbidsMove: ') as string;
    expect(await evict(api, keyOf(pod))).toMatchObject({ code: passed, warnings });
    expect(await exists(pod)).toBe(false);
  });

  it('passes when the API server refuses its Migration, and says so', async () => {
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { namespace: full, name: 'no-moves' } };
    await apply({ ...quota, spec: { hard: { 'count/migrations.transship.dev': '0' } } });
    await until({ what: 'the quota to be counted', timeoutMs: 30_000 }, async () => {
      const { status } = await getJson<{ status?: { hard?: object } }>('resourcequota', 'no-moves', '-n', full);
      return status?.hard && true;
    });
    const pod = only(await ghostPods(api, { namespace: full, name: 'redis', node }));
    const answer = await untilAnswered(
      'the refusal to be told',
      () => evict(api, keyOf(pod)),
      ({ code }) => code !== 429,
    );
    expect(answer).toMatchObject({ code: passed, warnings: expect.stringContaining('MigrationRejected: ') as string });
    expect(await migrationsIn(full)).toEqual([]);
  });
});

describe('the eviction of a pod that is none of our business', () => {
  it('passes in silence when it did not opt in', async () => {
    const pod = only(await ghosts('ordinary', 1, { optIn: false }));
    expect(await evict(api, keyOf(pod))).toMatchObject({ code: passed, warnings: '' });
    expect(await exists(pod)).toBe(false);
  });

  it('is compared by the API server when it names the UID of another pod', async () => {
    const pod = only(await ghosts('replaced', 1, { optIn: false }));
    const deleteOptions = { preconditions: { uid: foreignUID } };
    expect(await evict(api, keyOf(pod), { deleteOptions })).toMatchObject({ code: 409 });
    expect(await exists(pod)).toBe(true);
  });

  it('is not asked about in kube-system, opted in or not', async () => {
    const pod = await ghostPod(api, { namespace: 'kube-system', name: 'e2e-evicted', node });
    expect(await evict(api, keyOf(pod))).toMatchObject({ code: passed, warnings: '' });
    expect(await migrationsIn('kube-system')).toEqual([]);
  });
});

describe('while a move waits for a node', () => {
  const name = 'stuck';
  let source: PodView;

  beforeAll(async () => {
    source = (await deployRedis({ namespace, name, startOn: 'n1', spec: { affinity: startingOn('n1') } }, [])).pod;
    await evict(api, keyOf(source));
    await moveIn('Preparing', namespace, source.metadata.name);
  });

  it('its source is told how far it is', async () => {
    const answer = await untilAnswered(
      'the progress to be told',
      () => evict(api, keyOf(source)),
      ({ message }) => message.includes('(Preparing, '),
    );
    expect(answer).toMatchObject(triggered(source));
  });

  it('its target is kept', async () => {
    const [move] = await movesOf(source);
    const target = { namespace, name: move?.status?.target?.podName ?? '' };
    const { code, message } = await evict(api, target);
    expect({ code, message }).toEqual({ code: 429, message: expect.stringContaining('PodIsTarget: ') as string });
  });

  it('and is cancelled, its source is evicted with a warning', async () => {
    const move = migrationNameOf(source.metadata.name, source.metadata.uid);
    await kubectl('patch', 'migration', move, '-n', namespace, '--type=merge', '-p', '{"spec":{"cancel":true}}');
    await overMove(namespace, move);
    const answer = await untilAnswered(
      'the end of the move to be known',
      () => evict(api, keyOf(source)),
      ({ code }) => code !== 429,
    );
    expect(answer).toMatchObject({
      code: passed,
      warnings: expect.stringContaining('has ended as Cancelled') as string,
    });
  });
});

describe('the drain of a pod that moves', () => {
  const name = 'moved';
  let source: PodView;

  it('sees no answer but 429, and 404 in the end', async () => {
    const spec = { affinity: startingOn('n1', 'n2') };
    source = (await deployRedis({ namespace, name, startOn: 'n1', spec }, [])).pod;
    const codes = new Set<number>();
    await until({ what: 'the source to be gone', timeoutMs: 60_000, everyMs: 100 }, async () => {
      const { code } = await evict(api, keyOf(source));
      codes.add(code);
      return code === 429 ? undefined : true;
    });
    expect([...codes]).toEqual([429, 404]);
    expectSuccess(await finishedMove(namespace, source.metadata.name));
    await readyPod({ namespace, name }, 'n2');
  });

  it('and comes late, evicts nobody who has the name by then', async () => {
    const later = await ghostPod(api, { namespace, name: source.metadata.name, node, optIn: false });
    const answer = await untilAnswered(
      'the later pod to be known',
      () => evict(api, keyOf(later), { deleteOptions: { preconditions: { uid: source.metadata.uid } } }),
      ({ code }) => code === 404,
    );
    expect(answer.message).toContain('has been moved by Migration');
    expect(await exists(later)).toBe(true);
  });
});
