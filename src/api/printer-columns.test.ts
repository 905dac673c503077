import { describe, expect, it } from 'vitest';
import { migrationNameOf } from './migration.ts';
import { phases } from './phase.ts';
import { type Column, printerColumns } from './printer-columns.ts';

const longest = (texts: readonly string[]): string => texts.toSorted((a, b) => b.length - a.length)[0] ?? '';

const pod = 'checkout-7d4b9c6f5b-x2x4v';
const node = 'worker-12';
/** As kubectl writes the longest that stands for less than a day (HumanDuration of apimachinery). */
const age = '9m59s';

/** The longest that is usual in each column. */
const usual: Readonly<Record<keyof typeof printerColumns, { name: string } & Readonly<Record<string, string>>>> = {
  migrations: {
    name: migrationNameOf(pod, '447b4f1d-f5a1-4c3e-9a51-0c5d3b1f7e2a'),
    Target: node,
    Phase: longest(phases),
    Freeze: '10000',
  },
  migrationpolicies: { name: 'databases-in-production', Priority: '1000', Concurrent: '10', 'On-Failure': 'Evict' },
  migrationnodes: {
    ...{ name: node, Ready: 'false', Runtime: 'containerd', CRIU: '4.2.1', Kernel: '6.8.0-1021-aws' },
    Heartbeat: '10s',
  },
  ippools: {
    name: 'production',
    CIDR: '100.100.128.0/17',
    Leased: '32765',
    Free: '32765',
    Reason: 'PoolGatewayLeased',
  },
  ipleases: { name: '100.100.128.254', Node: node, Namespace: 'production', Pod: pod },
};

/** kubectl puts three spaces between columns (cli-runtime, printers/tabwriter.go). */
const widthOf = (kind: keyof typeof printerColumns, columns: readonly Column[]): number => {
  const cells = columns.map(({ name, type }) =>
    Math.max(name.length, (type === 'date' ? age : (usual[kind][name] ?? '')).length),
  );
  return [usual[kind].name.length, ...cells].reduce((sum, width) => sum + 3 + width);
};

describe.each(Object.keys(printerColumns) as (keyof typeof printerColumns)[])('kubectl get %s', (kind) => {
  const columns: readonly Column[] = printerColumns[kind];

  it('fits into the 80 characters of a terminal', () => {
    expect(
      widthOf(
        kind,
        columns.filter(({ priority }) => priority === undefined),
      ),
    ).toBeLessThanOrEqual(80);
  });

  it('shows the columns of -o wide behind all others', () => {
    const priorities = columns.map(({ priority = 0 }) => priority);
    expect(priorities).toEqual(priorities.toSorted());
  });
});
