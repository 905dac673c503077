import { describe, expect, it } from 'vitest';
import { connectionWith } from './connection-fixture.ts';
import { arrivalAdditions, arrivalTables, departureTable, removal } from './tables.ts';

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
