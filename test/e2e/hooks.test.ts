import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../lab/wait.ts';
import type { WrittenPolicySpec } from '../../src/api/migration-policy.ts';
import { apiVersion } from '../../src/api/group.ts';
import { eventOn } from '../cluster/events.ts';
import { HookServer } from '../cluster/hook-server.ts';
import { apply, getJson, kubectl, tryKubectl } from '../cluster/kubectl.ts';
import { type MigrationView, overMove, requestMove } from '../cluster/migrations.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { startingOn } from '../cluster/nodes.ts';
import { deployRedis, identityOf, type PodView, readyPod, redisDeployment } from '../cluster/redis.ts';

const namespace = 'e2e-hooks';
const name = 'redis';
const policyName = 'e2e-hooks';
const server = new HookServer();

interface WithHooks extends MigrationView {
  readonly status?: MigrationView['status'] & {
    readonly hooks?: readonly {
      readonly name: string;
      readonly from: string;
      readonly outcome: string;
      readonly message?: string;
      readonly output?: string;
    }[];
    readonly announced?: Readonly<Record<string, number>>;
  };
}

type Hooks = NonNullable<WrittenPolicySpec['hooks']>;

const givePolicy = (hooks: Hooks, retries = 0): Promise<void> =>
  apply({
    apiVersion,
    kind: 'MigrationPolicy',
    metadata: { name: policyName },
    spec: { podSelector: { matchLabels: { app: name } }, retries, hooks },
  });

const to = (path: string): { readonly url: string } => ({ url: server.urlOf(path) });

let pod: PodView;
let moves = 0;

/** Where the pod is not. */
const otherNode = (): string => (pod.spec.nodeName === 'n1' ? 'n3' : 'n1');

/** Moves the pod as far as hooks let it, and waits until the last of them has ended. */
const move = async (): Promise<WithHooks> => {
  moves += 1;
  const migration = `move-${String(moves)}`;
  await requestMove(namespace, migration, { podName: pod.metadata.name, targetNodeName: otherNode() });
  await overMove(namespace, migration);
  return until({ what: `the hooks of ${migration} to end`, timeoutMs: 30_000, everyMs: 200 }, async () => {
    const record = await getJson<WithHooks & { metadata: { finalizers?: string[] } }>(
      'migration.transship.dev',
      migration,
      '-n',
      namespace,
    );
    return (record.metadata.finalizers ?? []).length === 0 ? record : undefined;
  });
};

const outcomes = ({ status }: WithHooks): string[] =>
  (status?.hooks ?? []).map((hook) => `${hook.name} ${hook.from} ${hook.outcome}`);

/** What a pod that takes part in its moves has in its template. */
const own = {
  preFreeze: { exec: { container: 'redis', command: ['sh', '-c', 'redis-cli SET hook $(TRANSSHIP_NODE)'] } },
  postMigration: { exec: { container: 'redis', command: ['sh', '-c', 'redis-cli SET now-on $(TRANSSHIP_NODE)'] } },
};
const item = { path: 'move', fieldRef: { fieldPath: "metadata.annotations['transship.dev/move']" } };

beforeAll(async () => {
  await server.start();
  await freshNamespace(namespace);
  const volumes = [{ name: 'move', downwardAPI: { items: [item] } }];
  const container = { volumeMounts: [{ name: 'move', mountPath: '/etc/transship' }] };
  const options = { namespace, name, startOn: 'n1', spec: { affinity: startingOn('n1', 'n3'), volumes }, container };
  await deployRedis({ ...options, startOn: 'n1' }, []);
  const deployment = redisDeployment(options);
  const annotations = { 'transship.dev/migrate': 'true', 'transship.dev/hooks': JSON.stringify(own) };
  deployment.spec.template.metadata.annotations = annotations;
  await apply(deployment);
  await kubectl('rollout', 'status', '-n', namespace, `deployment/${name}`, '--timeout=60s');
  pod = await readyPod(options);
});

afterAll(async () => {
  await tryKubectl('delete', 'migrationpolicy', policyName, '--ignore-not-found');
  await removeNamespace(namespace);
  await server.close();
});

beforeEach(() => server.reset());

describe('hooks of a policy and of a pod', () => {
  it('are run in their turn and know of the new pod', async () => {
    await givePolicy({ preMigration: { http: to('/before') }, postMigration: { http: to('/after') } });
    const before = await identityOf(namespace, pod.metadata.name);
    const record = await move();
    expect(record.status).toMatchObject({ phase: 'Succeeded' });
    expect(outcomes(record)).toEqual([
      'preMigration Policy Succeeded',
      'preFreeze Pod Succeeded',
      'postMigration Policy Succeeded',
      'postMigration Pod Succeeded',
    ]);
    const source = pod.metadata.name;
    pod = await readyPod({ namespace, name });
    expect(await identityOf(namespace, pod.metadata.name)).toEqual(before);
    expect(server.bodies('/before')).toMatchObject([{ hook: 'preMigration', source: { podName: source } }]);
    expect(server.bodies('/after')).toMatchObject([
      {
        hook: 'postMigration',
        target: { podName: pod.metadata.name, nodeName: pod.spec.nodeName },
        freezeMs: record.status?.timings?.['freezeMs'],
      },
    ]);
    const read = (key: string) =>
      kubectl('exec', '-n', namespace, pod.metadata.name, '--', 'redis-cli', 'GET', key).then((text) => text.trim());
    expect(await read('hook')).toBe(record.status?.source?.nodeName);
    expect(await read('now-on')).toBe(pod.spec.nodeName);
  });

  it('leave in a file what the move is at', async () => {
    const said = await until({ what: 'the file to say so', timeoutMs: 120_000, everyMs: 2_000 }, async () => {
      const file = ['exec', '-n', namespace, pod.metadata.name, '--', 'cat', '/etc/transship/move'];
      const { stdout } = await tryKubectl(...file);
      return stdout.includes('"Moved"') ? stdout : undefined;
    });
    expect(JSON.parse(said)).toMatchObject({ state: 'Moved', to: pod.spec.nodeName });
  }, 150_000);

  it.each<[string, string, string]>([
    ['hangs', '/hang', 'it did not end within 2 s'],
    ['redirects for ever', '/redirect', 'it answered 302 and a redirect, which is not followed'],
    ['vetoes with 10 MB', '/flood', 'it answered 403'],
    ['answers with garbage', '/garbage', 'Parse Error'],
  ])('end the move with a clear reason where one %s, and the pod runs on', async (_name, path, why) => {
    await givePolicy({
      preMigration: { http: to(path), timeoutSeconds: 2 },
      onRollback: { http: to('/rolled-back') },
    });
    const before = await identityOf(namespace, pod.metadata.name);
    const record = await move();
    expect(record.status).toMatchObject({ phase: 'Failed', reason: 'HookVetoed' });
    expect(record.status?.message).toContain(why);
    expect((record.status?.hooks?.[0]?.output ?? '').length).toBeLessThanOrEqual(1_024);
    expect(outcomes(record)).toEqual(['preMigration Policy Failed', 'onRollback Policy Succeeded']);
    expect(server.bodies('/rolled-back')).toMatchObject([{ phase: 'Failed', reason: 'HookVetoed' }]);
    expect(await identityOf(namespace, pod.metadata.name)).toEqual(before);
    await eventOn(namespace, 'Pod', pod.metadata.name, 'HookVetoed');
  });

  it('take an attempt back before the freeze', async () => {
    await givePolicy({ preFreeze: { http: to('/hang'), timeoutSeconds: 2 } });
    const before = await identityOf(namespace, pod.metadata.name);
    const record = await move();
    expect(record.status).toMatchObject({ phase: 'Failed', reason: 'HookFailed' });
    expect(record.status?.phaseTransitions?.map(({ phase }) => phase)).not.toContain('Moving');
    expect(await identityOf(namespace, pod.metadata.name)).toEqual(before);
  });

  it('stop nothing where their failure is ignored', async () => {
    await givePolicy({ preFreeze: { http: to('/hang'), timeoutSeconds: 1, failurePolicy: 'Ignore' } });
    const record = await move();
    expect(record.status).toMatchObject({ phase: 'Succeeded' });
    expect(outcomes(record)).toContain('preFreeze Policy Failed');
    pod = await readyPod({ namespace, name });
  });
});

describe('the annotation of a pod that exists', () => {
  it('cannot be changed: its hooks are run with the rights of the controller', async () => {
    const { code, stderr } = await tryKubectl(
      ...['annotate', 'pod', '-n', namespace, pod.metadata.name, '--overwrite', 'transship.dev/hooks={}'],
    );
    expect(code).not.toBe(0);
    expect(stderr).toContain('the annotation transship.dev/hooks cannot be changed on a pod that exists');
  });
});

describe('a policy', () => {
  it('with a hook that does two things is refused', async () => {
    const both = { http: to('/x'), httpPost: { port: 1 } };
    await expect(givePolicy({ preFreeze: both })).rejects.toThrow(
      /hooks.preFreeze: name one of exec, httpPost and http/,
    );
  });
});

describe('sinks', () => {
  const inSystem = ['-n', 'transship-system'] as const;
  const configure = async (value: string): Promise<void> => {
    const change = value === '' ? 'TRANSSHIP_EVENT_SINKS-' : `TRANSSHIP_EVENT_SINKS=${value}`;
    await kubectl('set', 'env', ...inSystem, 'deployment/transship-controller', '-c', 'controller', change);
    await kubectl('rollout', 'status', ...inSystem, 'deployment/transship-controller', '--timeout=120s');
  };

  beforeAll(() => configure(`good=${server.urlOf('/sink')} dead=${server.urlOf('/down')}`));
  afterAll(() => configure(''));

  it('hear every step in order, none of it inside the freeze, and one that is down delays nothing', async () => {
    await givePolicy({});
    const record = await move();
    expect(record.status).toMatchObject({ phase: 'Succeeded' });
    pod = await readyPod({ namespace, name });
    const { uid } = record.metadata;
    const heard = await until({ what: 'the sink to hear the end', timeoutMs: 30_000 }, () => {
      const events = server.bodies('/sink').filter((event) => String(event['id']).startsWith(uid));
      return Promise.resolve(
        events.some(({ type }) => type === 'dev.transship.migration.succeeded') ? events : undefined,
      );
    });
    const steps = ['pending', 'inspecting', 'preparing', 'arrived', 'moving', 'committed', 'succeeded'];
    const first = heard.filter((event, index) => heard.findIndex(({ id }) => id === event['id']) === index);
    expect(first.map(({ type }) => type)).toEqual(steps.map((step) => `dev.transship.migration.${step}`));
    expect(first.map(({ id }) => id)).toEqual(steps.map((_step, number) => `${uid}/${String(number)}`));
    expect(heard.at(-1)).toMatchObject({ specversion: '1.0', data: { freezeMs: expect.any(Number) as number } });

    const entered = (phase: string): number =>
      Date.parse(record.status?.phaseTransitions?.find((transition) => transition.phase === phase)?.time ?? '');
    // The freeze is the end of Moving, and ends a moment after the commit.
    const [committed, freezeMs] = [entered('Committed'), record.status?.timings?.['freezeMs'] ?? Number.NaN];
    const inside = server
      .calls('/sink')
      .filter(({ at, body }) => String(body['id']).startsWith(uid) && at > committed - freezeMs && at < committed);
    expect(inside).toEqual([]);

    const kept = await until({ what: 'the record to say so', timeoutMs: 15_000 }, async () => {
      const { status } = await getJson<WithHooks>('migration.transship.dev', record.metadata.name, '-n', namespace);
      return status?.announced?.['good'] === undefined ? undefined : status.announced;
    });
    expect(kept).toEqual({ good: 7 });
  });

  it('that come back get what they have missed', async () => {
    server.revive('/down');
    const uid = server.bodies('/sink').at(-1)?.['id']?.toString().split('/')[0] ?? '';
    await until({ what: 'the sink to hear the end', timeoutMs: 60_000 }, () =>
      Promise.resolve(
        server
          .bodies('/down')
          .some(({ id, type }) => String(id).startsWith(uid) && type === 'dev.transship.migration.succeeded')
          ? true
          : undefined,
      ),
    );
  });
});
