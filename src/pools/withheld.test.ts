import { describe, expect, it } from 'vitest';
import type { IPPool } from '../api/addresses.ts';
import type { Node } from '../api/pod.ts';
import { spanText } from './ipv4.ts';
import { spansOf } from './free.ts';
import { type Neighbours, withheldFrom, withheldText } from './withheld.ts';
import { poolWith } from './pool-fixture.ts';

const nodeOf = (name: string, spec: Node['spec'], address = '172.30.0.11'): Node => ({
  metadata: { name, uid: name, resourceVersion: '1' },
  spec,
  status: { addresses: [{ type: 'InternalIP', address }] },
});

const beside = (neighbours: Partial<Neighbours>): Neighbours => ({
  pools: [],
  nodes: [],
  serviceCIDRs: [],
  ...neighbours,
});

const pool = poolWith('a', '10.245.0.0/24');

describe('of a pool nobody gets', () => {
  it.each<[string, IPPool, Partial<Neighbours>, readonly string[]]>([
    ['nothing, when it is alone', pool, { nodes: [nodeOf('n1', { podCIDR: '10.244.1.0/24' })] }, []],
    [
      'what is the podCIDR of a node',
      pool,
      { nodes: [nodeOf('n1', { podCIDR: '10.245.0.128/25', podCIDRs: ['10.245.0.128/25', 'fd00::/64'] })] },
      ['10.245.0.128-10.245.0.254 (the podCIDR of node n1)'],
    ],
    [
      'what is the podCIDR of a node that says so in one place only',
      pool,
      { nodes: [nodeOf('n1', { podCIDR: '10.0.0.0/8' })] },
      ['10.245.0.2-10.245.0.254 (the podCIDR of node n1)'],
    ],
    [
      'what is the address of a node',
      pool,
      { nodes: [nodeOf('n1', {}, '10.245.0.77')] },
      ['10.245.0.77 (the address of node n1)'],
    ],
    [
      'what Services have',
      pool,
      { serviceCIDRs: ['10.245.0.0/28', 'fd00::/112'] },
      ['10.245.0.2-10.245.0.15 (Services)'],
    ],
    [
      'what an older pool has',
      poolWith('a', '10.245.0.0/24', {}, { creationTimestamp: '2026-01-02T00:00:00Z' }),
      { pools: [poolWith('b', '10.245.0.64/26', {}, { creationTimestamp: '2026-01-01T00:00:00Z' })] },
      ['10.245.0.65 (the gateway of IPPool b)', '10.245.0.64-10.245.0.127 (IPPool b)'],
    ],
    [
      'of what a younger one has, its gateway',
      pool,
      { pools: [pool, poolWith('b', '10.245.0.64/26')] },
      ['10.245.0.65 (the gateway of IPPool b)'],
    ],
    [
      'what its administrator reserved',
      poolWith('a', '10.245.0.0/24', { reserved: ['10.245.0.0/28', '10.245.0.99', 'nonsense'] }),
      {},
      ['10.245.0.2-10.245.0.15 (spec.reserved)', '10.245.0.99 (spec.reserved)'],
    ],
    ['the range of a pool that is none', pool, { pools: [poolWith('b', 'x')] }, []],
  ])('%s', (_what, of, neighbours, texts) => {
    expect(withheldFrom(of, beside(neighbours)).map(withheldText)).toEqual(texts);
  });

  it('and all of the rest is given', () => {
    const neighbours = beside({ serviceCIDRs: ['10.245.0.0/28', '10.245.0.8/29', '10.245.0.200/32'] });
    expect(spansOf(pool, neighbours).map(spanText)).toEqual(['10.245.0.16-10.245.0.199', '10.245.0.201-10.245.0.254']);
  });
});
