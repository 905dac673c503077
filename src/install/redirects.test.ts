import { describe, expect, it } from 'vitest';
import { silencing, speakingAgain } from './redirects.ts';

const before = { all: '1', default: '1', eth0: '1', eth1: '0' };

describe('the redirects of a node', () => {
  it('are turned off wherever they are on', () => {
    expect(silencing(before)).toEqual({ all: '0', default: '0', eth0: '0' });
    expect(silencing({ all: '0', eth0: '0' })).toEqual({});
  });

  it('are as they were when that is taken back, also of interfaces that have come since', () => {
    const now = { all: '0', default: '0', eth0: '0', eth1: '0', veth7: '0' };
    expect(speakingAgain(now, before)).toEqual({ all: '1', default: '1', eth0: '1', veth7: '1' });
  });

  it('stay as somebody has set them meanwhile, and off where they were', () => {
    expect(speakingAgain({ all: '1', default: '0', eth0: '2' }, { all: '0', default: '0', eth0: '1' })).toEqual({});
  });
});
