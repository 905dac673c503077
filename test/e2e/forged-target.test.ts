import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  administrator,
  agentOf,
  type Api,
  type Identity,
  openApi,
  theController,
  untilRefused,
} from '../cluster/api-as.ts';
import { freshNamespace, removeNamespace } from '../cluster/namespaces.ts';
import { image } from '../cluster/redis.ts';

const namespace = 'e2e-forged-target';
const tried = '?dryRun=All';

const path = `/api/v1/namespaces/${namespace}/pods`;
const marker = [{ name: 'TRANSSHIP_MIGRATION', value: '00000000-0000-4000-8000-000000000001' }];
const annotations = { 'transship.dev/migration': 'move' };
const labels = { 'transship.dev/target': 'move' };
/** Nobody schedules it, so it never runs. */
const pod = (name: string, metadata: object, env: readonly object[] = []) => ({
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, ...metadata } },
  spec: { schedulerName: 'nobody', containers: [{ name: 'redis', image, env }] },
});

let api: Api;

beforeAll(async () => {
  await freshNamespace(namespace);
  api = await openApi();
  await untilRefused(() => api.post(administrator, path + tried, pod('a', { labels })));
});

afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await removeNamespace(namespace);
});

describe('a pod that looks like a target', () => {
  const refusal = {
    code: 403,
    message: expect.stringContaining('only the controller of Transship makes a pod the target') as string,
  };

  it.each<[string, object]>([
    ['in everything', pod('a', { annotations, labels }, marker)],
    ['by its label', pod('a', { labels })],
    ['by annotation and environment', pod('a', { annotations }, marker)],
    ['by the owner that it is to get', pod('a', { annotations: { 'transship.dev/adoption': '{}' } })],
  ])('%s is made by the controller only', async (_how, object) => {
    for (const by of [administrator, agentOf('n2')]) {
      const { code } = await api.post(by, path + tried, object);
      expect(code).toBe(403);
    }
    expect(await api.post(administrator, path + tried, object)).toMatchObject(refusal);
    expect(await api.post(theController, path + tried, object)).toMatchObject({ code: 201 });
  });

  it('is not made of another pod, which can be changed otherwise', async () => {
    expect(await api.post(administrator, path, pod('ordinary', {}, marker))).toMatchObject({ code: 201 });
    const patch = (metadata: object) => api.patch(administrator, `${path}/ordinary${tried}`, { metadata });
    expect(await patch({ labels })).toMatchObject(refusal);
    expect(await patch({ annotations })).toMatchObject(refusal);
    expect(await patch({ labels: { a: 'b' }, annotations: { a: 'b' } })).toMatchObject({ code: 200 });
  });

  it('stays one until the controller says otherwise', async () => {
    expect(await api.post(theController, path, pod('true-target', { annotations, labels }, marker))).toMatchObject({
      code: 201,
    });
    const patch = (by: Identity, metadata: object) => api.patch(by, `${path}/true-target${tried}`, { metadata });
    const unmarked = { labels: { 'transship.dev/target': null } };
    expect(await patch(administrator, unmarked)).toMatchObject(refusal);
    expect(await patch(administrator, { labels: { a: 'b' } })).toMatchObject({ code: 200 });
    expect(await patch(theController, unmarked)).toMatchObject({ code: 200 });
  });
});
