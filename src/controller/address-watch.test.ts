import { describe, expect, it } from 'vitest';
import type { Pod } from '../api/pod.ts';
import type { Migration } from '../api/migration.ts';
import { FakeClock } from '../clock/fake-clock.ts';
import type { Regarding } from '../kube/events.ts';
import { lookupOf } from '../kube/fake-lookup.ts';
import { address, leaseWith, migrationWith, podWith, source } from '../migration/move-fixture.ts';
import { watchAddresses } from './address-watch.ts';

const newcomer = (changes: { metadata?: object; spec?: object; status?: object } = {}): Pod =>
  podWith({
    metadata: { name: 'new', uid: 'new', ...changes.metadata },
    spec: { nodeName: 'n5', ...changes.spec },
    status: { podIP: address.ip, ...changes.status },
  });

const told = async (pods: readonly Pod[], migrations: readonly Migration[], forMs: number): Promise<string[]> => {
  const clock = new FakeClock();
  const said: string[] = [];
  const record = ({ name }: Regarding, type: string, reason: string, note: string) => {
    said.push(`${type} ${reason} ${name}: ${note}`);
  };
  const stop = new AbortController();
  const lease = leaseWith({ nodeName: 'n2' });
  const running = watchAddresses(
    {
      pods: lookupOf(...pods),
      leases: lookupOf(lease),
      migrations: lookupOf(...migrations),
      events: { record, flush: () => Promise.resolve() },
      clock,
    },
    stop.signal,
  );
  await clock.advance(forMs);
  stop.abort(new Error('over'));
  await running;
  return said;
};

describe('a pod with the address of one that lives elsewhere', () => {
  it('is told so', async () => {
    expect(await told([newcomer()], [], 31_000)).toEqual([
      'Warning AddressGivenTwice new: Pod default/new has the address 10.244.1.5 of pod default/web-1, which has taken it along to node n2: nothing reaches it; delete it, so that it gets another',
    ]);
  });

  it('is not told before half a minute has passed: a cache may be behind', async () => {
    expect(await told([newcomer()], [], 29_000)).toEqual([]);
  });

  it.each<[string, Pod, readonly Migration[]]>([
    ['has the lease itself', podWith({ status: { podIP: address.ip } }), []],
    ['is about to go', newcomer({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }), []],
    ['has ended', newcomer({ status: { phase: 'Succeeded' } }), []],
    ['is the node itself', newcomer({ spec: { hostNetwork: true } }), []],
    ['is the target of a move', newcomer({ metadata: { labels: { 'transship.dev/target': 'move' } } }), []],
    ['is a part of a move that is not over', newcomer(), [migrationWith({ phase: 'Committed', source })]],
  ])('is not told when it %s', async (_when, pod, migrations) => {
    expect(await told([pod], migrations, 61_000)).toEqual([]);
  });
});
