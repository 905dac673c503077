import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freeIn } from './free.ts';
import { numberOf } from './ipv4.ts';
import { isRange, rangeOf } from './range.ts';

describe('a pool', () => {
  it('keeps its first address for the gateway and its last for broadcast', () => {
    const range = rangeOf('10.245.0.0/29');
    expect(range.gateway).toBe('10.245.0.1');
    expect([...freeIn([range], new Set(), 0)]).toEqual([
      '10.245.0.2',
      '10.245.0.3',
      '10.245.0.4',
      '10.245.0.5',
      '10.245.0.6',
    ]);
  });

  it('gives every address once and no taken one, wherever it begins', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.uniqueArray(fc.integer({ min: 2, max: 14 })),
        (from, used) => {
          const taken = new Set(used.map((n) => numberOf(`10.0.0.${n}`)));
          const free = [...freeIn([rangeOf('10.0.0.0/28')], taken, from)];
          expect(new Set(free).size).toBe(free.length);
          expect(free.length).toBe(13 - taken.size);
          expect(free.some((ip) => taken.has(numberOf(ip)))).toBe(false);
        },
      ),
    );
  });

  it.each(['10.245.0.0', '10.245.0.0/31', '10.245.0.0/33', '300.1.1.1/16', 'fd00::/64', ''])(
    'refuses %j as a range',
    (cidr) => {
      expect(isRange(cidr)).toBe(false);
      expect(() => rangeOf(cidr)).toThrow(`IPPool range ${cidr} is not an IPv4 network like 10.245.0.0/16`);
    },
  );
});
