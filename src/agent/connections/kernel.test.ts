import { expect, it } from 'vitest';
import { connectionWith } from './connection-fixture.ts';
import { connectionsIn } from './kernel.ts';

const tcp = connectionWith();
const udp = connectionWith({ protocol: 'udp', port: 50_000, service: { ip: '10.96.0.53', port: 53 }, seconds: 30 });

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
