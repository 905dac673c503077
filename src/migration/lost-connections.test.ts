import { describe, expect, it } from 'vitest';
import { migrationWith } from '../api/pod-fixture.ts';
import { connectionsToLose, lossNote, peersText, refusalOf } from './lost-connections.ts';

const moveOf = (lostConnections?: readonly string[]) =>
  migrationWith({
    spec: { podName: 'web-1' },
    status: { source: { nodeName: 'n1', podUID: 'u', ...(lostConnections && { lostConnections }) } },
  });
const peers = (count: number) => Array.from({ length: count }, (_, i) => `192.0.2.${i + 1}:443/tcp`);

describe('a move that ends connections', () => {
  it('says so before anything is touched', () => {
    expect(connectionsToLose(moveOf(peers(2)))).toEqual({
      reason: 'ConnectionsLost',
      message:
        'the move of Pod web-1 ends its connections to 192.0.2.1:443/tcp, 192.0.2.2:443/tcp, which know it by the address of node n1',
    });
  });

  it('says so when it is over', () => {
    expect(lossNote(moveOf(peers(1)))).toBe('; its connections to 192.0.2.1:443/tcp ended');
  });

  it('is refused where the policy says so', () => {
    expect(refusalOf('shop/web-1', peers(1)).message).toBe(
      'Pod shop/web-1 would lose its connections to 192.0.2.1:443/tcp, which its policy does not allow (lostConnections: Refuse)',
    );
  });
});

it.each([
  ['none was found', moveOf([])],
  ['nobody has looked', moveOf()],
])('nothing is said when %s', (_when, move) => {
  expect([connectionsToLose(move), lossNote(move)]).toEqual([undefined, '']);
});

it('of many peers some are named', () => {
  expect(peersText(peers(7))).toMatch(/^192\.0\.2\.1:443\/tcp, .*192\.0\.2\.5:443\/tcp and 2 more$/);
});
