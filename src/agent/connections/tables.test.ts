import { describe, expect, it } from 'vitest';
import { connectionWith } from './connection-fixture.ts';
import { connectionsIn } from './kernel.ts';
import { arrivalAdditions, arrivalTables, departureTable, removal, straysAmong, tablesIn } from './tables.ts';

const ip = '10.244.1.5';
const tcp = connectionWith();
const udp = connectionWith({ protocol: 'udp', port: 50_000, service: { ip: '10.96.0.53', port: 53 }, seconds: 30 });

describe('the tables of a target', () => {
  const text = arrivalTables(ip, 'veth1', [tcp, udp]);

  it.each([
    ['replace those that were there', 'add table ip transship.10.244.1.5\ndelete table ip transship.10.244.1.5\n'],
    ['lead a connection to its endpoint', 'tcp . 40000 . 10.96.0.10 . 80 : 10.244.2.7 . 8080'],
    ['tell what the endpoint says first as the Service', 'tcp . 10.244.2.7 . 8080 . 40000 : 10.96.0.10 . 80'],
    ['remember a request over UDP for a time', 'udp . 50000 . 10.96.0.53 . 53 timeout 30s : 10.244.2.7 . 8080'],
    ['leave new connections to kube-proxy', `ip saddr ${ip} tcp flags & (syn | ack) == syn return`],
    ['go before kube-proxy', 'type nat hook prerouting priority -110'],
    ['do not follow what still comes by way of the source', 'tcp . 10.96.0.10 . 80 . 40000'],
    ['disguise what waits for the pod, and only that', `ip daddr ${ip} oifname "veth1" meta l4proto`],
    [
      'have one chain for each Service',
      'chain as-udp-10.96.0.53-53 {\nip saddr set 10.96.0.53 udp sport set 53 accept\n}',
    ],
  ])('%s', (_what, part) => {
    expect(text).toContain(part);
  });
});

it('more connections are added to both tables of a target', () => {
  const text = arrivalAdditions(ip, [tcp], [connectionWith({ port: 1 })]);
  expect(text).toContain(
    'add element ip transship.10.244.1.5 answers { tcp . 10.244.2.7 . 8080 . 40000 : 10.96.0.10 . 80 }',
  );
  expect(text).toContain('add element ip transship.held.10.244.1.5 from-services { tcp . 10.96.0.10 . 80 . 40000 }');
  expect(text).not.toMatch(/delete|chain/);
});

it('and rules only for a Service that is new', () => {
  expect(arrivalAdditions(ip, [tcp, udp], [tcp])).toMatch(
    /^table ip transship.held.10.244.1.5 {\nchain as-udp-10.96.0.53-53 {/,
  );
});

it('at the source the kernel does not follow these connections any more', () => {
  const text = departureTable(ip, [tcp]);
  expect(text).toContain(
    'set to-endpoints { type inet_proto . inet_service . ipv4_addr . inet_service; elements = { tcp . 40000 . 10.244.2.7 . 8080 }; }',
  );
  expect(text).toContain(
    'set from-endpoints { type inet_proto . ipv4_addr . inet_service . inet_service; elements = { tcp . 10.244.2.7 . 8080 . 40000 }; }',
  );
});

it('a table that is to go may be gone', () => {
  expect(removal(['away'], ip)).toBe(`add table ip transship.away.${ip}\ndelete table ip transship.away.${ip}\n`);
});

it('a table tells its connections, also those that end of themselves, and protocols by their numbers', () => {
  const key = (one: typeof tcp) => ({ concat: [one.protocol, one.port, one.service.ip, one.service.port] });
  const data = { concat: ['10.244.2.7', 8080] };
  const elem = [
    [key(tcp), data],
    [{ elem: { val: { concat: [17, ...key(udp).concat.slice(1)] }, timeout: 30, expires: 12 } }, data],
  ];
  const said = JSON.stringify({
    nftables: [{ metainfo: { version: '1.1.7' } }, { map: { name: 'connections', elem } }],
  });
  expect(connectionsIn(said)).toEqual(
    [tcp, { ...udp, seconds: undefined }].map((one) => JSON.parse(JSON.stringify(one)) as unknown),
  );
});

describe('of the tables on a node,', () => {
  const found = tablesIn(
    [
      'table ip transship.10.244.1.5',
      'table ip transship.held.10.244.1.6',
      'table ip transship.away.10.244.1.7',
      'table ip kube-proxy',
      '',
    ].join('\n'),
  );
  const strays = (livingHere: readonly string[], underWay: readonly string[]) =>
    straysAmong(found, { livingHere: new Set(livingHere), underWay: new Set(underWay) }).map(({ kind }) => kind);

  it.each([
    ['those of pods that live here are kept', ['10.244.1.5'], ['10.244.1.6', '10.244.1.7'], []],
    ['those of moves under way are kept', [], ['10.244.1.5', '10.244.1.6', '10.244.1.7'], []],
    ['the others go', [], [], ['home', 'held', 'away']],
    ['what only a move needs goes when it is over', ['10.244.1.5', '10.244.1.6', '10.244.1.7'], [], ['held', 'away']],
  ])('%s', (_what, livingHere, underWay, kinds) => {
    expect(strays(livingHere, underWay)).toEqual(kinds);
  });
});
