import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Resolver } from '../../api/migration.ts';
import { podWith } from '../move-fixture.ts';
import { pinnedResolver, resolverIn } from './resolver.ts';

const ofCluster: Resolver = {
  nameservers: ['10.96.0.10'],
  searches: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
  options: [{ name: 'ndots', value: '5' }],
};

describe('resolv.conf is read', () => {
  it.each<[string, string, Resolver]>([
    [
      'as containerd writes it',
      'search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
      ofCluster,
    ],
    [
      'as cri-dockerd writes it',
      'nameserver 10.96.0.10\nsearch default.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n',
      ofCluster,
    ],
    [
      'as the C library reads it',
      '# a\n; b\nsearch x\n nameserver\t1.1.1.1 \ndomain y\noptions rotate edns0\noptions timeout:2\nsortlist z\nnameserver\n',
      {
        nameservers: ['1.1.1.1'],
        searches: ['y'],
        options: [{ name: 'rotate' }, { name: 'edns0' }, { name: 'timeout', value: '2' }],
      },
    ],
    ['when there is nothing in it', '', { nameservers: [], searches: [], options: [] }],
  ])('%s', (_how, text, resolver) => {
    expect(resolverIn(text)).toEqual(resolver);
  });

  it('whatever stands in it', () => {
    fc.assert(fc.property(fc.string(), (text) => resolverIn(text).nameservers.every((address) => !/\s/.test(address))));
  });
});

describe('a target', () => {
  const pinned = (spec: object, resolver: Resolver | undefined) => pinnedResolver(podWith({ spec }).spec, resolver);

  it.each(['ClusterFirst', 'Default', undefined])('is pinned to what its source has with dnsPolicy %s', (dnsPolicy) => {
    expect(pinned({ dnsPolicy }, ofCluster)).toEqual({ dnsPolicy: 'None', dnsConfig: ofCluster });
  });

  it.each<[string, object, Resolver | undefined]>([
    ['whose pod decides by itself', { dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'] } }, ofCluster],
    ['of whose source nobody knows', {}, undefined],
    ['of whose source there is no server', {}, { ...ofCluster, nameservers: [] }],
    [
      'for which the API server allows less',
      {},
      { ...ofCluster, nameservers: ['1.1.1.1', '2.2.2.2', '3.3.3.3', '4.4.4.4'] },
    ],
    ['with too many domains', {}, { ...ofCluster, searches: Array.from({ length: 33 }, (_, n) => `d${n}`) }],
    ['with too long domains', {}, { ...ofCluster, searches: ['x'.repeat(2_049)] }],
  ])('is left as it is %s', (_what, spec, resolver) => {
    expect(pinned(spec, resolver)).toEqual({});
  });
});
