import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { policyFiles } from '../../manifests/policies/all.ts';
import { apiVersion } from '../../src/api/group.ts';
import {
  administrator,
  agentOf,
  type Answer,
  type Api,
  type Identity,
  openApi,
  theController,
  tokenOfAgent,
  untilRefused,
} from '../cluster/api-as.ts';
import { getJson } from '../cluster/kubectl.ts';

const podUID = '00000000-0000-4000-8000-000000000001';
const tried = '?dryRun=All';
const reports = `/apis/${apiVersion}/migrationnodes`;
const reportOf = (name: string) => ({ apiVersion, kind: 'MigrationNode', metadata: { name } });

let api: Api;

beforeAll(async () => {
  api = await openApi();
  await untilRefused(() => api.post(agentOf(), reports + tried, reportOf('east')));
});

afterAll(() => api[Symbol.asyncDispose]());

describe('an agent', () => {
  const node = (name: string): string => `/api/v1/nodes/${name}${tried}`;
  const label = { metadata: { labels: { 'transship.dev/agent': 'tried-out' } } };
  const report = { status: { message: 'tried out' } };
  const leases = `/apis/${apiVersion}/ipleases${tried}`;
  const lease = (nodeName: string) => ({
    ...{ apiVersion, kind: 'IPLease', metadata: { name: '10.245.255.250' } },
    spec: {
      ...{ ip: '10.245.255.250', prefixLength: 16, nodeName },
      ...{ podNamespace: 'e2e-rights', podName: 'pod', podUID },
    },
  });

  it.each<[string, (agent: Identity) => Promise<Answer>]>([
    ['labels its Node', (agent) => api.patch(agent, node('n2'), label)],
    ['renews its report', (agent) => api.patch(agent, `${reports}/n2/status${tried}`, report)],
    ['takes an address', (agent) => api.post(agent, leases, lease('n2'))],
  ])('%s, and not that of another', async (_what, write) => {
    const own = await write(await tokenOfAgent('n2'));
    expect([200, 201], own.message).toContain(own.code);
    const foreign = await write(await tokenOfAgent('n3'));
    expect(foreign.code).toBe(403);
    expect(foreign.message).toContain('the agent of node n3 may write nothing of node n2');
  });

  it('makes its report, and not that of another', async () => {
    expect(await api.post(agentOf('east'), reports + tried, reportOf('east'))).toMatchObject({ code: 201 });
    expect(await api.post(agentOf('west'), reports + tried, reportOf('east'))).toMatchObject({ code: 403 });
  });

  it.each<[string, object]>([
    ['close', { spec: { unschedulable: true } }],
    ['taint', { spec: { taints: [{ key: 'a', effect: 'NoExecute' }] } }],
    ['annotate', { metadata: { annotations: { 'e2e.transship.dev/a': 'b' } } }],
    ['relabel', { metadata: { labels: { 'kubernetes.io/hostname': 'n3' } } }],
    ['unlabel', { metadata: { labels: { 'kubernetes.io/hostname': null } } }],
  ])('cannot %s even its own Node', async (_what, patch) => {
    const { code, message } = await api.patch(agentOf('n2'), node('n2'), patch);
    expect(code).toBe(403);
    expect(message).toContain('an agent may change nothing of its Node but the label transship.dev/agent');
  });

  it('keeps nobody else from writing Nodes', async () => {
    expect(await api.patch(administrator, node('n2'), { spec: { unschedulable: true } })).toMatchObject({ code: 200 });
  });
});

it('a lease has the name of its address', async () => {
  const { code, message } = await api.post(theController, `/apis/${apiVersion}/ipleases${tried}`, {
    ...{ apiVersion, kind: 'IPLease', metadata: { name: '10.245.255.251' } },
    spec: {
      ...{ ip: '10.245.255.250', prefixLength: 16, nodeName: 'n1' },
      ...{ podNamespace: 'e2e-rights', podName: 'pod', podUID },
    },
  });
  expect(code).toBe(422);
  expect(message).toContain('a lease has the name of its address: metadata.name must be what spec.ip says');
});

it('the API server has checked the policies and finds nothing wrong with them', async () => {
  interface KubeDocument {
    readonly kind: string;
    readonly metadata: { readonly name: string };
  }
  interface PolicyView {
    readonly metadata: { readonly name: string };
    readonly status?: { readonly typeChecking?: object };
  }
  const checked = async (): Promise<object> => {
    const { items } = await getJson<{ items: readonly PolicyView[] }>('validatingadmissionpolicies');
    const ours = items.filter(({ metadata }) => metadata.name.endsWith('.transship.dev'));
    return Object.fromEntries(ours.map(({ metadata, status }) => [metadata.name, status?.typeChecking]));
  };
  const ours = [...policyFiles().values()].flatMap(({ documents }) => documents as readonly KubeDocument[]);
  const names = ours.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy').map(({ metadata }) => metadata.name);
  expect(names).not.toEqual([]);
  await expect.poll(checked, { timeout: 15_000 }).toEqual(Object.fromEntries(names.map((name) => [name, {}])));
});
