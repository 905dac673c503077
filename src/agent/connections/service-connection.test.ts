import { describe, expect, it } from 'vitest';
import { connectionWith } from './connection-fixture.ts';
import { additionsAmong, gathered, hasMore } from './service-connection.ts';
import { forgettingOrders } from './stale.ts';

const first = connectionWith();
const second = connectionWith({ port: 40_001 });
const moved = connectionWith({ endpoint: { ip: '10.244.3.9', port: 8080 } });
const alias = connectionWith({ service: { ip: '10.96.0.11', port: 80 } });

describe('the target is told of connections to Services', () => {
  it.each([
    ['when there are some', [first], [], true],
    ['when another has begun', [first, second], [first], true],
    ['when one goes to another endpoint', [moved], [first], true],
    ['not when one has ended', [first], [first, second], false],
    ['not when only their time has gone on', [{ ...first, seconds: 20 }], [{ ...first, seconds: 30 }], false],
    ['not when there are none', [], [], false],
  ])('%s', (_when, now, told, says) => {
    expect(hasMore(now, told)).toBe(says);
  });
});

describe('to tables that a node has', () => {
  it.each([
    ['what is new is added', [first, second], [second], [first]],
    ['nothing is added when some have ended', [first], [first, second], []],
    ['nothing can be added when one has another endpoint by now', [moved, second], [first], undefined],
    ['nor when its endpoint could not tell it from another', [alias], [first], undefined],
  ])('%s', (_what, these, those, more) => {
    expect(additionsAmong(these, those)).toEqual(more);
  });
});

describe('of two connections', () => {
  it.each([
    ['with different ports both count', [first], [second], [first, second]],
    ['with one name the later one counts', [first], [moved], [moved]],
    ['that one endpoint could not tell apart the later one counts', [first], [alias], [alias]],
  ])('%s', (_what, before, later, all) => {
    expect(gathered(before, later)).toEqual(all);
  });
});

it('what the kernel knows of connections is forgotten by pairs of addresses', () => {
  expect(forgettingOrders('10.244.1.5', [first, second])).toEqual([
    '-D -s 10.244.1.5 -d 10.96.0.10',
    '-D -s 10.244.1.5 -d 10.244.2.7',
    '-D -s 10.244.2.7 -d 10.244.1.5',
  ]);
});
