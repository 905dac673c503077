import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { IPLease } from '../../api/addresses.ts';
import type { Node } from '../../api/pod.ts';
import { FakeClock } from '../../clock/fake-clock.ts';
import { lookupOf } from '../../kube/fake-lookup.ts';
import { silentLog } from '../../log/log.ts';
import { leaseWith, nodeWith } from '../../migration/move-fixture.ts';
import { fastest } from '../../clock/processor-time-fixture.ts';
import { keepLeasedFile, type LeasedFile } from './leased-file.ts';
import { leasedLines } from './leased-list.ts';

const n1 = nodeWith('n1', { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24', 'fd00::/64'] });

describe('the list of leased addresses', () => {
  it.each<[string, Partial<IPLease['spec']>, Node | undefined, readonly string[]]>([
    ['has whose an address of a node is that lives here', {}, n1, ['10.244.1.5 default/web-1']],
    ['lets nobody here have one that lives elsewhere', { nodeName: 'n2' }, n1, ['10.244.1.5 -']],
    [
      'has those of all nodes: a range may go to another one',
      { ip: '10.244.7.5', nodeName: 'n2' },
      n1,
      ['10.244.7.5 -'],
    ],
    ['has none of a pool', { ip: '10.245.0.5', pool: 'a' }, n1, []],
    ['but those that lie in the range of this node', { pool: 'a', nodeName: 'n2' }, n1, ['10.244.1.5 -']],
    ['has those of nodes also where nobody knows the range', { nodeName: 'n2' }, undefined, ['10.244.1.5 -']],
  ])('%s', (_what, spec, node, lines) => {
    expect(leasedLines([leaseWith(spec)], 'n1', node)).toEqual(lines);
  });
});

it('takes less than 20 ms to make of 5,000 leases', () => {
  const leases = Array.from({ length: 5_000 }, (_, n) =>
    leaseWith({ ip: `10.${n % 2 ? 245 : 244}.${Math.floor(n / 250)}.${n % 250}`, ...(n % 2 && { pool: 'a' }) }),
  );
  expect(leasedLines(leases, 'n1', n1)).toHaveLength(2_500);
  expect(fastest(() => leasedLines(leases, 'n1', n1))).toBeLessThan(20);
});

describe('the file', () => {
  let folder: string;
  let leases: readonly IPLease[];
  let file: LeasedFile;
  let clock: FakeClock;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'transship-leased-'));
    leases = [];
    clock = new FakeClock();
    file = keepLeasedFile({
      path: join(folder, 'leased'),
      leases: { get: () => undefined, items: () => leases },
      nodes: lookupOf(n1),
      here: 'n1',
      clock,
      log: silentLog,
    });
  });
  afterEach(() => rm(folder, { recursive: true }));

  const text = () => readFile(join(folder, 'leased'), 'utf8');

  it('is there before the first lease, and whole at any time', async () => {
    await file.renew();
    expect(await text()).toBe('');
    leases = [leaseWith(), leaseWith({ ip: '10.244.1.4', nodeName: 'n2' })];
    file.refresh();
    file.refresh();
    expect(clock.sleeping).toBe(1);
    await clock.advance(100);
    await vi.waitFor(async () => expect(await text()).not.toBe(''));
    expect(await text()).toBe('10.244.1.4 -\n10.244.1.5 default/web-1\n');
    expect(await readdir(folder)).toEqual(['leased']);
  });

  it('is written anew for whoever waits for a newer one', async () => {
    await file.renew();
    await utimes(join(folder, 'leased'), 1, 1);
    await file.renew();
    expect((await stat(join(folder, 'leased'))).mtimeMs).toBeGreaterThan(1_000);
  });

  it('is tried again after a failure', async () => {
    await rm(folder, { recursive: true });
    await file.renew();
    await mkdir(folder);
    await file.renew();
    expect(await text()).toBe('');
  });
});
