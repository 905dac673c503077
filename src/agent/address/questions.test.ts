import { describe, expect, it } from 'vitest';
import type { IPLease, IPPool } from '../../api/addresses.ts';
import type { Migration, MigrationStatus } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';
import { migrations, pods } from '../../api/resource.ts';
import { FakeApi } from '../../kube/fake-api.ts';
import { lookupOf } from '../../kube/fake-lookup.ts';
import { silentLog } from '../../log/log.ts';
import {
  address,
  leaseWith,
  migrationWith,
  podWith,
  source,
  target,
  targetName,
  targetWith,
} from '../../migration/move-fixture.ts';
import type { AddressRequest } from '../doorbell/request.ts';
import { answerAddress } from './questions.ts';

interface World {
  readonly pod?: Pod;
  readonly migration?: Migration;
  readonly lease?: IPLease;
  readonly pool?: IPPool;
  readonly here?: string;
}

const pool: IPPool = {
  metadata: { name: 'a', uid: 'a', resourceVersion: '1' },
  spec: { cidr: '10.245.0.0/29' },
  status: { capacity: 5, leased: 0, free: 5, reason: 'PoolReady', message: '', serviceCIDRs: [] },
};
const result = (ip: string, gateway: string, prefixLength = 24) =>
  `result {"cniVersion":"1.0.0","ips":[{"address":"${ip}/${prefixLength}","gateway":"${gateway}"}],"routes":[{"dst":"0.0.0.0/0"}]}`;

const told: string[] = [];
const flush = () => Promise.resolve();

const apiOf = ({ pod, migration }: World): FakeApi => {
  const api = new FakeApi();
  if (pod) api.put(pods, pod);
  if (migration) api.put(migrations, migration);
  return api;
};
const ask = (world: World, request: Partial<AddressRequest> = {}, api = apiOf(world)) =>
  answerAddress(
    {
      api,
      leases: lookupOf(...(world.lease ? [world.lease] : [])),
      pools: lookupOf(...(world.pool ? [world.pool] : [])),
      nodes: lookupOf(),
      here: world.here ?? 'n1',
      random: () => 0,
      log: silentLog,
      events: { record: ({ kind, name }, type, reason) => told.push(`${type} ${reason} ${kind} ${name}`), flush },
    },
    {
      kind: 'address',
      reply: '/run/transship/replies/r',
      command: 'ADD',
      cniVersion: '1.0.0',
      namespace: 'default',
      podName: world.pod?.metadata.name ?? 'web-1',
      sandboxID: 's',
      ...request,
    },
  );

const plainPod = podWith({ metadata: { annotations: {} } });
const moving = (status: Partial<MigrationStatus> = {}): Migration =>
  migrationWith({ phase: 'Preparing', source, target, ...status });

describe('ADD', () => {
  it.each<[string, World, string]>([
    ['a pod that did not opt in has an address of its node', { pod: plainPod, pool }, 'delegate'],
    ['an opted-in pod gets one of the pool', { pod: podWith(), pool }, result('10.245.0.2', '10.245.0.1', 29)],
    ['an opted-in pod without a pool has one of its node', { pod: podWith() }, 'delegate'],
    [
      'a pod whose sandbox is made anew keeps its address',
      { pod: podWith(), lease: leaseWith(), pool },
      result(address.ip, '10.244.1.1'),
    ],
    [
      'a pod that was made anew under its name gets a new one, because the old one is about to be given back',
      { pod: podWith({ metadata: { uid: 'another' } }), lease: leaseWith(), pool },
      result('10.245.0.2', '10.245.0.1', 29),
    ],
    [
      'a pod that moved and came back under its name gets a new one here',
      { pod: podWith(), lease: leaseWith({ nodeName: 'n2' }), pool },
      result('10.245.0.2', '10.245.0.1', 29),
    ],
    [
      'a target gets the address of its source',
      { pod: targetWith(), migration: moving(), here: 'n2', pool },
      result(address.ip, '10.244.1.1'),
    ],
    [
      'a target that is committed but not adopted gets it still',
      { pod: targetWith(), migration: moving({ phase: 'Committed' }), here: 'n2' },
      result(address.ip, '10.244.1.1'),
    ],
    [
      'a target whose move has failed gets none',
      { pod: targetWith(), migration: moving({ phase: 'Failed' }), here: 'n2' },
      'fail RendezvousUnknown: Migration default/move does not wait for pod web-1-m3fa9c2 (phase Failed)',
    ],
    [
      'a pod that another move waits for gets none',
      { pod: targetWith(), migration: moving({ target: { podName: 'other' } }), here: 'n2' },
      'fail RendezvousUnknown: Migration default/move does not wait for pod web-1-m3fa9c2 (phase Preparing)',
    ],
    [
      'a target of no move gets none',
      { pod: targetWith(), here: 'n2' },
      'fail RendezvousUnknown: Migration default/move of target pod web-1-m3fa9c2 does not exist',
    ],
    [
      'a target gets none before its source has been looked at',
      {
        pod: targetWith(),
        migration: moving({ source: { nodeName: source.nodeName, podUID: source.podUID } }),
        here: 'n2',
      },
      'fail RendezvousUnknown: Migration default/move has no address of its source yet',
    ],
    [
      'a target that has been adopted is a pod like any other',
      {
        pod: targetWith({
          metadata: { annotations: { 'transship.dev/migration': 'move', 'transship.dev/moved-from': 'n1' } },
        }),
        here: 'n2',
        pool,
      },
      'delegate',
    ],
    ['a pod that does not exist is not ours', {}, 'delegate'],
    [
      'a pool that is no network gives nothing',
      { pod: podWith(), pool: { ...pool, spec: { cidr: 'x' } } },
      'fail PoolExhausted: no address is left in IPPool a (x); the address is asked for again',
    ],
    [
      'a pool that gives no more leaves the pod to its node',
      { pod: podWith(), pool: { ...pool, spec: { ...pool.spec, disabled: true } } },
      'delegate',
    ],
  ])('%s', async (_what, world, answer) => {
    expect(await ask(world)).toBe(answer);
  });

  it('tells the user of a pod that waits for one', async () => {
    told.length = 0;
    const full = { ...pool, spec: { ...pool.spec, reserved: ['10.245.0.0/29'] } };
    expect(await ask({ pod: podWith(), pool: full })).toMatch(/^fail PoolExhausted: no address is left in IPPool a /);
    expect(told).toEqual(['Warning PoolExhausted Pod web-1']);
  });

  it('is left to the network while the server is away', async () => {
    const api = apiOf({ pod: podWith() });
    api.intercept(() => {
      throw new Error('connect ECONNREFUSED');
    });
    expect(await ask({ pod: podWith(), pool }, {}, api)).toBe('delegate');
    expect(await ask({ pod: targetWith(), here: 'n2' }, {}, api)).toBe(
      `fail the address of the moved pod ${targetName} could not be read (connect ECONNREFUSED); it is asked for again`,
    );
  });
});

describe('DEL and CHECK', () => {
  it.each<['DEL' | 'CHECK', string, World, string]>([
    ['DEL', 'of a leased pod gives nothing back: the controller does', { lease: leaseWith({ pool: 'a' }) }, 'done'],
    ['DEL', 'of a pod without a lease', {}, 'delegate'],
    ['DEL', 'of an address of this node that is leased', { lease: leaseWith() }, 'delegate'],
    ['DEL', 'of a pod that lives elsewhere now', { lease: leaseWith({ pool: 'a' }), here: 'n2' }, 'delegate'],
    ['CHECK', 'of a leased pod', { lease: leaseWith() }, 'done'],
    ['CHECK', 'of any other', {}, 'delegate'],
  ])('%s %s', async (command, _what, world, answer) => {
    const api = apiOf(world);
    expect(await ask(world, { command }, api)).toBe(answer);
    expect(api.requests).toEqual([]);
  });
});
