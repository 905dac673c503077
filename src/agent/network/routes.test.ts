import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IPLease } from '../../api/addresses.ts';
import { type NextHop, type Route, removeRouteCommand, routeChanges, routeCommand, wantedRoutes } from './routes.ts';

const lease = (ip: string, nodeName: string): IPLease => ({
  metadata: { name: ip, uid: ip, resourceVersion: '1' },
  spec: { ip, prefixLength: 24, nodeName, podNamespace: 'default', podName: 'web', podUID: 'u' },
});
const viaB: NextHop = { gateway: '172.30.0.12', device: 'eth0', onlink: false };
const overlay: NextHop = { gateway: '10.244.2.0', device: 'flannel.1', onlink: true };
const hops = new Map([
  ['b', viaB],
  ['c', overlay],
]);

describe('the routes of a node', () => {
  it('lead to the node of each leased address that lives elsewhere', () => {
    const routes = wantedRoutes(
      [lease('10.1.0.2', 'a'), lease('10.1.0.3', 'b'), lease('10.1.0.4', 'c')],
      'a',
      hops,
      new Map(),
    );
    expect([...routes.values()].map(routeCommand)).toEqual([
      'route replace 10.1.0.3/32 via 172.30.0.12 dev eth0 table 1077',
      'route replace 10.1.0.4/32 via 10.244.2.0 dev flannel.1 onlink table 1077',
    ]);
  });

  it('leave out an address whose node cannot be reached', () => {
    expect(wantedRoutes([lease('10.1.0.3', 'gone')], 'a', hops, new Map()).size).toBe(0);
  });

  it('follow a move that is under way, whatever the lease says', () => {
    const override: Route = { ip: '10.1.0.3', toPod: { device: 'veth1' } };
    const routes = wantedRoutes([lease('10.1.0.3', 'b')], 'a', hops, new Map([['10.1.0.3', override]]));
    expect([...routes.values()]).toEqual([override]);
  });

  it('are changed only where they differ', () => {
    const same: Route = { ip: '10.1.0.3', to: viaB };
    const moved: Route = { ip: '10.1.0.4', to: viaB };
    const current = new Map([
      ['10.1.0.3', routeCommand(same)],
      ['10.1.0.4', 'route replace 10.1.0.4/32 dev old table 1077'],
      ['10.1.0.5', 'x'],
    ]);
    const wanted = new Map([
      ['10.1.0.3', same],
      ['10.1.0.4', moved],
    ]);
    expect(routeChanges(current, wanted)).toEqual([
      { ip: '10.1.0.4', command: routeCommand(moved) },
      { ip: '10.1.0.5', command: removeRouteCommand('10.1.0.5') },
    ]);
  });

  it('need no change once they are as wanted', () => {
    const ipArb = fc.nat(255).map((n) => `10.1.0.${n}`);
    fc.assert(
      fc.property(fc.uniqueArray(ipArb), (ips) => {
        const wanted = new Map<string, Route>(ips.map((ip) => [ip, { ip, to: viaB }]));
        expect(routeChanges(new Map([...wanted].map(([ip, r]) => [ip, routeCommand(r)])), wanted)).toEqual([]);
      }),
    );
  });
});
