import { expect, it } from 'vitest';
import { cniResult } from './cni-result.ts';

it.each([
  [
    { ip: '10.245.0.9', prefixLength: 16, gateway: '10.245.0.1' },
    '{"cniVersion":"1.0.0","ips":[{"address":"10.245.0.9/16","gateway":"10.245.0.1"}],"routes":[{"dst":"0.0.0.0/0"}]}',
  ],
  [
    { ip: '10.244.1.5', prefixLength: 32 },
    '{"cniVersion":"1.0.0","ips":[{"address":"10.244.1.5/32"}],"routes":[{"dst":"0.0.0.0/0"}]}',
  ],
])('is one line as the CNI specification has it', (address, line) => {
  expect(cniResult('1.0.0', address)).toBe(line);
});
