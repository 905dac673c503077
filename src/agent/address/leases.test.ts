import { describe, expect, it } from 'vitest';
import type { IPPool } from '../../api/addresses.ts';
import { ipLeases } from '../../api/resource.ts';
import { ApiError } from '../../kube/api-error.ts';
import { namespaces } from '../../kube/builtin-resources.ts';
import { FakeApi } from '../../kube/fake-api.ts';
import { lookupOf } from '../../kube/fake-lookup.ts';
import { leaseWith, podWith, sourceUID } from '../../migration/move-fixture.ts';
import { leaseOf, type Taken, takeAddress } from './leases.ts';

const signal = new AbortController().signal;
const poolOf = (name: string, cidr: string): IPPool => ({
  metadata: { name, uid: name, resourceVersion: '1' },
  spec: { cidr },
  status: { ...statusOfPool },
});
const statusOfPool = { capacity: 0, leased: 0, free: 0, reason: 'PoolReady', message: '', serviceCIDRs: [] };
const ipOf = (taken: Taken) => (taken && 'lease' in taken ? taken.lease.ip : undefined);
const reasonOf = (taken: Taken) => (taken && 'none' in taken ? taken.none.reason : undefined);
const take = (api: FakeApi, pools: readonly IPPool[], taken: readonly string[] = []) =>
  takeAddress(
    {
      api,
      leases: lookupOf(
        ...taken.map((ip) => ({ ...leaseWith({ ip }), metadata: { ...leaseWith().metadata, name: ip } })),
      ),
      pools: lookupOf(...pools),
      nodes: lookupOf(),
      here: 'n1',
      random: () => 0,
    },
    podWith(),
    signal,
  );
const ofTeamA = { matchLabels: { team: 'a' } };
const lease = (ip: string) => ({ metadata: { name: ip }, spec: leaseWith({ ip }).spec });

describe('an address for a pod', () => {
  it('is a lease that says whose it is and where it lives', async () => {
    const api = new FakeApi();
    const spec = {
      ip: '10.245.0.2',
      prefixLength: 29,
      gateway: '10.245.0.1',
      pool: 'a',
      nodeName: 'n1',
      podNamespace: 'default',
      podName: 'web-1',
      podUID: sourceUID,
    };
    expect(await take(api, [poolOf('a', '10.245.0.0/29')])).toEqual({ lease: spec });
    expect((await api.get(ipLeases, { name: '10.245.0.2' })).spec).toEqual(spec);
  });

  it('is none that is known to be taken', async () => {
    const api = new FakeApi();
    expect(ipOf(await take(api, [poolOf('a', '10.245.0.0/29')], ['10.245.0.2', '10.245.0.3']))).toBe('10.245.0.4');
    expect(api.requests).toHaveLength(1);
  });

  it('is the next one when another node was first', async () => {
    const api = new FakeApi();
    api.put(ipLeases, lease('10.245.0.2'));
    expect(ipOf(await take(api, [poolOf('a', '10.245.0.0/29')]))).toBe('10.245.0.3');
  });

  it('comes from the next pool when one is full, and from none when all are', async () => {
    const pools = [poolOf('b', '10.246.0.0/30'), poolOf('a', '10.245.0.0/30')];
    expect(ipOf(await take(new FakeApi(), pools, []))).toBe('10.245.0.2');
    expect(ipOf(await take(new FakeApi(), pools, ['10.245.0.2']))).toBe('10.246.0.2');
    expect(await take(new FakeApi(), pools, ['10.245.0.2', '10.246.0.2'])).toEqual({
      none: {
        reason: 'PoolExhausted',
        message: 'no address is left in IPPool a (10.245.0.0/30), b (10.246.0.0/30); the address is asked for again',
      },
    });
  });

  it('comes from the pool of its namespace, whose labels are asked for only then', async () => {
    const api = new FakeApi();
    api.put(namespaces, { metadata: { name: 'default', labels: { team: 'a' } } });
    const own = { ...poolOf('own', '10.246.0.0/29'), spec: { cidr: '10.246.0.0/29', namespaceSelector: ofTeamA } };
    expect(ipOf(await take(api, [poolOf('a', '10.245.0.0/29'), own]))).toBe('10.246.0.2');
    expect(api.requests.map(({ verb, plural }) => `${verb} ${plural}`)).toEqual(['get namespaces', 'create ipleases']);
  });

  it('is waited for when the controller has not looked at the pool yet', async () => {
    const fresh = { ...poolOf('a', '10.245.0.0/29'), status: undefined };
    expect(reasonOf(await take(new FakeApi(), [fresh]))).toBe('PoolUnchecked');
  });

  it('is given up after so many lost races that something else must be wrong', async () => {
    const api = new FakeApi();
    api.intercept(() => {
      throw new ApiError({ code: 409, reason: 'AlreadyExists', message: 'taken' });
    });
    expect(reasonOf(await take(api, [poolOf('a', '10.245.0.0/16')]))).toBe('PoolContended');
    expect(api.requests).toHaveLength(32);
  });

  it('is not to be had when the server refuses', async () => {
    const api = new FakeApi();
    api.intercept(() => {
      throw new ApiError({ code: 403, reason: 'Forbidden', message: 'no' });
    });
    await expect(take(api, [poolOf('a', '10.245.0.0/16')])).rejects.toThrow('no');
  });

  it.each([
    ['default', 'web-1', true],
    ['default', 'web-2', false],
    ['other', 'web-1', false],
  ])("of %s/%s is the pod's own: %s", (namespace, name, isIts) => {
    expect(leaseOf({ leases: lookupOf(leaseWith()), here: 'n1' }, namespace, name) !== undefined).toBe(isIts);
  });
});
