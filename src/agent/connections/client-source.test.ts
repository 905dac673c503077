import { describe, expect, it } from 'vitest';
import { clientRemoval, clientRules } from './client-source.ts';

describe('the table of clients', () => {
  it.each([
    ['replaces the one that was there', 'add table ip transship.clients\ndelete table ip transship.clients\n'],
    ['has the address of each pod', 'elements = { 10.244.1.5, 10.245.0.7 };'],
    ['goes before kube-proxy masquerades', 'type nat hook postrouting priority 90'],
    [
      'concerns only what kube-proxy would masquerade',
      'ip daddr @leased meta mark & 0x4000 == 0x4000 snat ip to 192.168.7.1 fully-random',
    ],
  ])('%s', (_what, part) => {
    expect(clientRules('192.168.7.1', ['10.244.1.5', '10.245.0.7'])).toContain(part);
  });

  it('may have none', () => {
    expect(clientRules('192.168.7.1', [])).toContain('set leased { type ipv4_addr; }');
  });

  it('is removed where there is none, too', () => {
    expect(clientRemoval).toMatch(/^add .*\ndelete /);
  });
});
