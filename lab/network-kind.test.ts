import { describe, expect, it } from 'vitest';

import { wantedNetwork } from './network-kind.ts';

describe('LAB_NETWORK', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['routes', 'routes'],
    ['flannel', 'flannel'],
  ])('%j asks for %j', (asked, wanted) => {
    expect(wantedNetwork(asked)).toBe(wanted);
  });

  it('of another name is a mistake, and is told what it can be', () => {
    expect(() => wantedNetwork('calico')).toThrow('LAB_NETWORK is "calico"; it can be routes or flannel');
  });
});
