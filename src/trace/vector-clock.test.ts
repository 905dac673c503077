import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockFrom, compare, hear, isWithin, merge, mostProcesses, tick, type VectorClock } from './vector-clock.ts';

const process = fc.constantFrom('controller@00000001', 'webhook@00000001', 'agent-n1@00000002', 'agent-n2@00000003');
const clock: fc.Arbitrary<VectorClock> = fc.dictionary(process, fc.integer({ min: 1, max: 9 }));

describe('two clocks', () => {
  it('merge to the least that knows all that either knows', () => {
    fc.assert(
      fc.property(clock, clock, clock, (a, b, c) => {
        const both = merge(a, b);
        expect(both).toEqual(merge(b, a));
        expect(merge(both, c)).toEqual(merge(a, merge(b, c)));
        expect(merge(a, a)).toEqual(a);
        expect([isWithin(a, both), isWithin(b, both)]).toEqual([true, true]);
        if (isWithin(a, c) && isWithin(b, c)) expect(isWithin(both, c)).toBe(true);
      }),
    );
  });

  it('compare as what they know includes each other', () => {
    const opposite = { same: 'same', before: 'after', after: 'before', concurrent: 'concurrent' } as const;
    fc.assert(
      fc.property(clock, clock, process, (a, b, p) => {
        expect(compare(a, b)).toBe(opposite[compare(b, a)]);
        expect(compare(a, tick(a, p))).toBe('before');
        expect(compare(a, merge(a, b))).toBe(isWithin(b, a) ? 'same' : 'before');
      }),
    );
  });
});

describe('a clock that somebody else has written', () => {
  it.each<[string, unknown, VectorClock]>([
    [
      'is taken as it is',
      { 'agent-n1@0123abcd': 3, 'cli@00000000-2': 1 },
      { 'agent-n1@0123abcd': 3, 'cli@00000000-2': 1 },
    ],
    ['may be missing', undefined, {}],
    ['may be none', 'controller@00000001', {}],
    ['may be a list', [1, 2], {}],
    ['names an actor without its run', { controller: 1 }, {}],
    ['names nobody of ours', { 'etcd@00000001': 1 }, {}],
    ['would begin a line of its own', { 'agent-n1\n@00000001': 1 }, {}],
    ['means an expression', { 'agent-.*@00000001': 1 }, {}],
    ['names what every object has', JSON.parse('{"__proto__":1,"constructor":2}'), {}],
    ['counts in words', { 'controller@00000001': '3' }, {}],
    ['counts from nothing', { 'controller@00000001': 0, 'webhook@00000001': -1 }, {}],
    ['counts in halves', { 'controller@00000001': 1.5 }, {}],
    ['counts for ever', { 'controller@00000001': 1e15 }, {}],
  ])('%s', (_what, written, expected) => {
    expect(clockFrom(written)).toEqual(expected);
  });

  it('never throws, and never grows without bound', () => {
    fc.assert(
      fc.property(fc.anything(), (written) => {
        expect(Object.keys(clockFrom(written)).length).toBeLessThanOrEqual(mostProcesses);
      }),
    );
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`agent-n${i}@00000001`, 1]));
    expect(Object.keys(clockFrom(many))).toHaveLength(mostProcesses);
  });
});

describe('who hears a clock', () => {
  const isOwn = (name: string): boolean => name === 'controller@00000001';

  it('knows its own events better', () => {
    const heard = { 'controller@00000001': 9, 'webhook@00000001': 2 };
    expect(hear({ 'controller@00000001': 4 }, heard, isOwn)).toEqual({
      'controller@00000001': 4,
      'webhook@00000001': 2,
    });
  });

  it('learns of no more processes than take part in a move, and goes on hearing of those it knows', () => {
    const many = Object.fromEntries(Array.from({ length: mostProcesses }, (_, i) => [`agent-n${i}@00000001`, 1]));
    const heard = hear(many, { 'cli@00000009': 1, 'agent-n0@00000001': 5 }, isOwn);
    expect(Object.keys(heard)).toHaveLength(mostProcesses);
    expect(heard).toMatchObject({ 'agent-n0@00000001': 5 });
  });
});
