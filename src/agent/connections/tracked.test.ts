import { describe, expect, it } from 'vitest';
import { connectionWith } from './connection-fixture.ts';
import { lostAmong, throughServices, trackedIn } from './tracked.ts';

const established = 'tcp      6 86397 ESTABLISHED';
const asked = 'src=10.244.1.5 dst=10.96.0.10 sport=40000 dport=80';
const answered = 'src=10.244.2.7 dst=10.244.1.5 sport=8080 dport=40000';
const rest = '[ASSURED] mark=0 secctx=null use=1';
const kept = (line: string) => throughServices(trackedIn(line));

describe('of what the kernel tracks, a connection to a Service', () => {
  it.each([
    ['that is established', `${established} ${asked} ${answered} ${rest}`],
    ['of which the kernel has seen only the middle', `${established} ${asked} [UNREPLIED] ${answered} mark=0 use=1`],
    ['that the pod has closed', `tcp      6 30 FIN_WAIT ${asked} ${answered} ${rest}`],
    ['that begins', `tcp      6 118 SYN_SENT ${asked} [UNREPLIED] ${answered} mark=0 use=1`],
    ['that is forwarded past the rules', `tcp      6 ${asked} ${answered} [OFFLOAD] mark=0 use=2`],
    [
      'whose packets are counted',
      `${established} ${asked} packets=9 bytes=900 ${answered} packets=8 bytes=800 ${rest}`,
    ],
  ])('%s is kept', (_what, line) => {
    expect(kept(line)).toEqual([connectionWith()]);
  });

  it.each([
    ['both sides have closed', `tcp      6 119 TIME_WAIT ${asked} ${answered} ${rest}`],
    ['was reset', `tcp      6 9 CLOSE ${asked} ${answered} ${rest}`],
    [
      'goes to another pod as it is',
      `${established} src=10.244.1.5 dst=10.244.2.7 sport=40000 dport=8080 ${answered} ${rest}`,
    ],
    [
      'is masqueraded: its peer knows the node',
      `${established} src=10.244.1.5 dst=192.0.2.9 sport=40000 dport=443 src=192.0.2.9 dst=172.18.0.3 sport=443 dport=40000 ${rest}`,
    ],
    [
      'comes back to the pod itself through a Service, by way of the node',
      `${established} ${asked} src=10.244.1.5 dst=172.18.0.3 sport=8080 dport=51000 ${rest}`,
    ],
    [
      'had to take another port',
      `${established} ${asked} src=10.244.2.7 dst=10.244.1.5 sport=8080 dport=61001 ${rest}`,
    ],
    [
      'is none',
      'icmp     1 29 src=10.244.1.5 dst=10.244.2.7 type=8 code=0 id=7 src=10.244.2.7 dst=10.244.1.5 type=0 code=0 id=7 mark=0 use=1',
    ],
  ])('is not, when it %s', (_what, line) => {
    expect(kept(line)).toEqual([]);
  });

  it('over UDP is kept for as long as the kernel would, and no shorter than for a request', () => {
    const udp = (seconds: number) => `udp      17 ${seconds} ${asked} ${answered} ${rest}`;
    expect([udp(117), udp(2)].flatMap(kept)).toEqual([
      connectionWith({ protocol: 'udp', seconds: 117 }),
      connectionWith({ protocol: 'udp', seconds: 30 }),
    ]);
  });
});

describe('a connection that the node masquerades', () => {
  const masqueraded =
    'src=10.244.1.5 dst=192.0.2.9 sport=40000 dport=443 src=192.0.2.9 dst=172.18.0.3 sport=443 dport=40000';
  const lost = (line: string) => lostAmong(trackedIn(line));

  it.each([
    ['is lost', `tcp      6 86397 ESTABLISHED ${masqueraded} ${rest}`, ['192.0.2.9:443/tcp']],
    ['over UDP is lost when it goes both ways', `udp      17 117 ${masqueraded} ${rest}`, ['192.0.2.9:443/udp']],
    ['is none yet', `tcp      6 118 SYN_SENT ${masqueraded} mark=0 use=1`, []],
    ['is none any more', `tcp      6 118 TIME_WAIT ${masqueraded} ${rest}`, []],
    [
      'is told of once for each peer',
      Array(2).fill(`tcp      6 9 ESTABLISHED ${masqueraded} ${rest}`).join('\n'),
      ['192.0.2.9:443/tcp'],
    ],
  ])('%s', (_what, said, peers) => {
    expect(lost(said)).toEqual(peers);
  });

  it('is another than one that goes along', () => {
    expect(lost(`${established} ${asked} ${answered} ${rest}`)).toEqual([]);
  });
});
