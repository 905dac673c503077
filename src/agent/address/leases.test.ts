import { describe, expect, it } from 'vitest';
import type { IPPool } from '../../api/addresses.ts';
import { ipLeases } from '../../api/resource.ts';
import { ApiError } from '../../kube/api-error.ts';
import { FakeApi } from '../../kube/fake-api.ts';
import { lookupOf } from '../../kube/fake-lookup.ts';
import { leaseWith, podWith, sourceUID } from '../../migration/move-fixture.ts';
import { leaseOf, takeAddress } from './leases.ts';

const signal = new AbortController().signal;
const poolOf = (name: string, cidr: string): IPPool => ({
  metadata: { name, uid: name, resourceVersion: '1' },
  spec: { cidr },
});
const take = (api: FakeApi, pools: readonly IPPool[], taken: readonly string[] = []) =>
  takeAddress(
    {
      api,
      leases: lookupOf(
        ...taken.map((ip) => ({ ...leaseWith({ ip }), metadata: { ...leaseWith().metadata, name: ip } })),
      ),
      pools: lookupOf(...pools),
      here: 'n1',
      random: () => 0,
    },
    podWith(),
    signal,
  );
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
    expect(await take(api, [poolOf('a', '10.245.0.0/29')])).toEqual(spec);
    expect((await api.get(ipLeases, { name: '10.245.0.2' })).spec).toEqual(spec);
  });

  it('is none that is known to be taken', async () => {
    const api = new FakeApi();
    expect((await take(api, [poolOf('a', '10.245.0.0/29')], ['10.245.0.2', '10.245.0.3']))?.ip).toBe('10.245.0.4');
    expect(api.requests).toHaveLength(1);
  });

  it('is the next one when another node was first', async () => {
    const api = new FakeApi();
    api.put(ipLeases, lease('10.245.0.2'));
    expect((await take(api, [poolOf('a', '10.245.0.0/29')]))?.ip).toBe('10.245.0.3');
  });

  it('comes from the next pool when one is full', async () => {
    const pools = [poolOf('b', '10.246.0.0/30'), poolOf('a', '10.245.0.0/30')];
    expect((await take(new FakeApi(), pools, []))?.ip).toBe('10.245.0.2');
    expect((await take(new FakeApi(), pools, ['10.245.0.2']))?.ip).toBe('10.246.0.2');
    expect(await take(new FakeApi(), pools, ['10.245.0.2', '10.246.0.2'])).toBeUndefined();
  });

  it('is none without a pool', async () => {
    expect(await take(new FakeApi(), [])).toBeUndefined();
  });

  it('is given up after so many lost races that something else must be wrong', async () => {
    const api = new FakeApi();
    api.intercept(() => {
      throw new ApiError({ code: 409, reason: 'AlreadyExists', message: 'taken' });
    });
    expect(await take(api, [poolOf('a', '10.245.0.0/16')])).toBeUndefined();
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
