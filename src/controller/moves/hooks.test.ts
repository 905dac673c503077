import { beforeEach, describe, expect, it } from 'vitest';
import { migrationPolicySpec, type WrittenPolicySpec } from '../../api/migration-policy.ts';
import { phaseOf } from '../../api/migration.ts';
import { migrations, pods } from '../../api/resource.ts';
import { settle } from '../../clock/fake-clock.ts';
import { ApiError } from '../../kube/api-error.ts';
import { podWith } from '../../migration/move-fixture.ts';
import { key, makeCluster } from './cluster-fixture.ts';

const urlOf = (point: string): string => `http://hooks.example/${point}`;
const http = (point: string, changes: object = {}) => ({ [point]: { http: { url: urlOf(point) }, ...changes } });

let cluster: ReturnType<typeof makeCluster>;

const policy = (hooks: NonNullable<WrittenPolicySpec['hooks']>): void => {
  cluster.policies.ofAll = migrationPolicySpec.parse({ hooks });
};

/** Reconciles until hooks that are under way have ended and nothing more is to be done. */
const calm = async (): Promise<void> => {
  for (let round = 0; round < 6; round += 1) {
    await cluster.reconcile();
    await settle();
  }
};

const results = async (): Promise<string[]> =>
  ((await cluster.record()).status?.hooks ?? []).map(
    ({ name, from, attempt, outcome }) => `${name} ${from} ${attempt} ${outcome}`,
  );
const calls = (): string[] =>
  cluster.called.map((call) =>
    call.by === 'http' ? call.url.replace('http://hooks.example/', '') : (call.command[0] ?? ''),
  );

const untilArrived = async (): Promise<string> => {
  await calm();
  await cluster.inspect();
  await calm();
  const name = await cluster.schedule();
  await calm();
  await cluster.agentEnters('Arrived');
  await calm();
  return name;
};

beforeEach(() => {
  cluster = makeCluster();
});

describe('the hooks of a move', () => {
  it('are run in their turn, those of the policy before those of the pod', async () => {
    policy({ ...http('preMigration'), ...http('preFreeze'), ...http('postMigration'), ...http('onRollback') });
    const own = { preMigration: { exec: { container: 'web', command: ['/own'] } } };
    const annotations = { 'transship.dev/migrate': 'true', 'transship.dev/hooks': JSON.stringify(own) };
    cluster.api.put(pods, podWith({ metadata: { annotations } }));
    await calm();
    expect(calls()).toEqual([]);
    await cluster.inspect();
    await calm();
    expect(calls()).toEqual(['preMigration', '/own']);
    const name = await cluster.schedule();
    await calm();
    expect(calls()).toHaveLength(2);
    await cluster.agentEnters('Arrived');
    await calm();
    expect(calls().slice(2)).toEqual(['preFreeze']);

    await cluster.agentEnters('Moving');
    await calm();
    await cluster.agentEnters('Committed', { timings: { freezeMs: 80 } });
    cluster.ready(name);
    await cluster.release();
    await calm();
    expect(calls().slice(3)).toEqual(['postMigration']);
    expect(cluster.called.at(-1)).toMatchObject({
      body: { phase: 'Succeeded', target: { podName: name, nodeName: 'n2' }, freezeMs: 80 },
    });
    expect(await results()).toEqual([
      'preMigration Policy 1 Succeeded',
      'preMigration Pod 1 Succeeded',
      'preFreeze Policy 1 Succeeded',
      'postMigration Policy 1 Succeeded',
    ]);
    expect((await cluster.record()).metadata.finalizers).toEqual([]);
  });

  it('may veto the move, and nothing has been made for it', async () => {
    policy({ ...http('preMigration'), ...http('onRollback') });
    cluster.endings.set(urlOf('preMigration'), () =>
      Promise.resolve({ failure: 'it answered 403', output: 'not now' }),
    );
    await calm();
    await cluster.inspect();
    await calm();
    expect((await cluster.record()).status).toMatchObject({
      phase: 'Failed',
      reason: 'HookVetoed',
      message: 'the preMigration hook of MigrationPolicy default failed: it answered 403',
    });
    expect(cluster.podNames()).toEqual(['default/web-1']);
    expect(cluster.api.store.of('transship.dev/ipleases').size).toBe(0);
    expect(await results()).toEqual(['preMigration Policy 1 Failed', 'onRollback Policy 1 Succeeded']);
    expect(await cluster.eventsSaid()).toContain('Pod HookVetoed');
    expect((await cluster.record()).metadata.finalizers).toEqual([]);
  });

  it('that hang end at their timeout, and the source runs on', async () => {
    policy({ ...http('preFreeze', { timeoutSeconds: 5 }), ...http('onRollback') });
    cluster.endings.set(urlOf('preFreeze'), () => new Promise(() => undefined));
    await untilArrived();
    expect(await results()).toEqual(['preFreeze Policy 1 Running']);
    await cluster.clock.advance(5_000);
    await calm();
    expect((await cluster.record()).status).toMatchObject({
      phase: 'Retrying',
      reason: 'HookFailed',
      message: 'the preFreeze hook of MigrationPolicy default failed: it did not end within 5 s',
    });
    expect(await results()).toEqual(['preFreeze Policy 1 Failed', 'onRollback Policy 1 Succeeded']);
    expect(cluster.podNames()).toEqual(['default/web-1']);
  });

  it('whose failure is to be ignored stop nothing', async () => {
    policy(http('preFreeze', { failurePolicy: 'Ignore' }));
    cluster.endings.set(urlOf('preFreeze'), () => Promise.resolve({ failure: 'it answered 500', output: '' }));
    await untilArrived();
    expect(phaseOf(await cluster.record())).toBe('Arrived');
    expect(await results()).toEqual(['preFreeze Policy 1 Failed']);
    expect(await cluster.eventsSaid()).toContain('Pod HookFailed');
  });

  it('that are under way when the move is cancelled keep nothing', async () => {
    policy(http('preFreeze'));
    cluster.endings.set(urlOf('preFreeze'), () => new Promise(() => undefined));
    await untilArrived();
    await cluster.api.patch(migrations, key, { spec: { cancel: true } });
    await calm();
    expect(phaseOf(await cluster.record())).toBe('Cancelled');
    expect(cluster.podNames()).toEqual(['default/web-1']);
    expect((await cluster.record()).metadata.finalizers).toEqual([]);
  });

  it('that a later policy has are those of later moves', async () => {
    policy(http('preFreeze'));
    await calm();
    await cluster.inspect();
    policy(http('postMigration'));
    await calm();
    expect((await cluster.record()).status?.terms?.hooks?.map(({ point }) => point)).toEqual(['preFreeze']);
  });
});

describe('a pod that shows its move in a file', () => {
  const item = { path: 'move', fieldRef: { fieldPath: "metadata.annotations['transship.dev/move']" } };
  const note = async (name: string): Promise<unknown> => {
    const { metadata } = await cluster.api.get(pods, { namespace: 'default', name });
    return JSON.parse(metadata.annotations?.['transship.dev/move'] ?? 'null');
  };

  beforeEach(() => {
    cluster.api.put(pods, podWith({ spec: { volumes: [{ name: 'podinfo', downwardAPI: { items: [item] } }] } }));
  });

  it('reads there that it is going to be moved, and then that it was', async () => {
    const name = await untilArrived();
    expect(await note('web-1')).toMatchObject({ state: 'Moving', migration: 'move', from: 'n1', to: 'n2' });
    expect(await note(name)).toMatchObject({ state: 'Moving', from: 'n1' });
    await cluster.agentEnters('Moving');
    await cluster.agentEnters('Committed', { timings: { freezeMs: 80 } });
    cluster.ready(name);
    await cluster.release();
    await calm();
    expect(await note(name)).toMatchObject({ state: 'Moved', from: 'n1', to: 'n2' });
  });

  it('reads there that it stays', async () => {
    await untilArrived();
    await cluster.api.patch(migrations, key, { spec: { cancel: true } });
    await calm();
    expect(await note('web-1')).toMatchObject({ state: 'Stayed' });
  });

  it('is moved also when nobody may write the annotation', async () => {
    cluster.api.intercept(({ verb, plural, body }) => {
      if (verb === 'patch' && plural === 'pods' && JSON.stringify(body).includes('transship.dev/move"'))
        throw new ApiError({ code: 403, reason: 'Forbidden', message: 'no' });
    });
    await untilArrived();
    expect(phaseOf(await cluster.record())).toBe('Arrived');
    expect(await note('web-1')).toBeNull();
  });
});
