import { describe, expect, it } from 'vitest';
import type { AcceptedHook } from '../../api/hook.ts';
import type { Migration } from '../../api/migration.ts';
import type { Facts } from '../facts.ts';
import { factsWith, podWith, sourceUID, targetName, targetUID, targetWith } from '../move-fixture.ts';
import { callOf } from './call.ts';
import { execHook, httpHook, moveWith } from './hook-fixture.ts';

const call = (migration: Migration, facts: Partial<Facts> = {}) => {
  const [hook] = migration.status?.terms?.hooks ?? [];
  return callOf({ hook: hook!, attempt: 1 }, factsWith({ migration, ...facts }));
};

const own = (point: AcceptedHook['point']) =>
  execHook(point, { exec: undefined, httpPost: { port: 8080, path: '/moves?x=1' } });

describe('a hook that is a program', () => {
  it('is run in the source before the commit', () => {
    expect(call(moveWith('Arrived', [execHook('preFreeze')]))).toEqual({
      by: 'exec',
      pod: { name: 'web-1', uid: sourceUID },
      container: 'web',
      command: ['/preFreeze'],
    });
  });

  it('is run in the target after the commit, and told where that is', () => {
    const command = ['sh', '-c', 'echo $(TRANSSHIP_POD) $(TRANSSHIP_NODE) $(TRANSSHIP_FREEZE_MS) $(HOME) $(id -u)'];
    const hook = execHook('postMigration', { exec: { container: 'web', command } });
    const migration = moveWith('Succeeded', [hook], { timings: { freezeMs: 120 } });
    expect(call(migration, { target: targetWith(), source: undefined })).toEqual({
      by: 'exec',
      pod: { name: targetName, uid: targetUID },
      container: 'web',
      command: ['sh', '-c', `echo ${targetName} n2 120 $(HOME) $(id -u)`],
    });
  });

  it.each<[string, Partial<Facts>]>([
    ['is gone', { source: undefined }],
    ['has been replaced by another of the same name', { source: podWith({ metadata: { uid: 'new' } }) }],
  ])('is not run in a pod that %s', (_name, facts) => {
    expect(call(moveWith('Arrived', [execHook('preFreeze')]), facts)).toEqual({
      obstacle: 'the pod does not exist any more',
    });
  });
});

describe('a hook that is a request', () => {
  it('of a policy goes where the policy says, also when the pod is gone', () => {
    expect(call(moveWith('Failed', [httpHook('onRollback')]), { source: undefined })).toMatchObject({
      by: 'http',
      url: 'http://hooks.example/onRollback',
      body: { hook: 'onRollback', phase: 'Failed', source: { podName: 'web-1', podUID: sourceUID, nodeName: 'n1' } },
    });
  });

  it('of a pod goes to the address that the agent has found in it, not to what its status says', () => {
    const source = podWith({ status: { podIP: '169.254.169.254', podIPs: [{ ip: '169.254.169.254' }] } });
    expect(call(moveWith('Arrived', [own('preFreeze')]), { source })).toMatchObject({
      url: 'http://10.244.1.5:8080/moves?x=1',
    });
  });

  it('after a move knows the new pod, its node and the freeze', () => {
    const migration = moveWith('Succeeded', [httpHook('postMigration')], { timings: { freezeMs: 120 } });
    expect(call(migration)).toMatchObject({
      body: { target: { podName: targetName, podUID: targetUID, nodeName: 'n2' }, freezeMs: 120 },
    });
  });

  it('without an address is not sent', () => {
    const migration = moveWith('Arrived', [own('preFreeze')], { source: { nodeName: 'n1', podUID: sourceUID } });
    expect(call(migration)).toEqual({ obstacle: 'nobody has said which address the pod has' });
  });
});

it('a hook of a later version that names nothing we know is not run', () => {
  expect(call(moveWith('Arrived', [execHook('preFreeze', { exec: undefined })]))).toEqual({
    obstacle: 'it names neither exec, nor httpPost, nor http',
  });
});
