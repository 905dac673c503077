import type { IPLease } from '../api/addresses.ts';
import type { Migration } from '../api/migration.ts';
import type { Pod } from '../api/pod.ts';
import type { Clock } from '../clock/clock.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Lookup } from '../kube/lookup.ts';
import { leaseIsNamedBy } from '../migration/lease.ts';
import { givenTwice } from '../pools/given-twice.ts';

export interface AddressWatchPorts {
  readonly pods: Lookup<Pod>;
  readonly leases: Lookup<IPLease>;
  readonly migrations: Lookup<Migration>;
  readonly events: EventRecorder;
  readonly clock: Clock;
}

/** Longer than a kubelet needs to tell that a pod is gone whose address has just moved. */
const periodMs = 30_000;

/** Tells the users of pods whose address is that of another one, when it is so twice in a row. */
export const watchAddresses = async (ports: AddressWatchPorts, signal: AbortSignal): Promise<void> => {
  const { pods, leases, migrations, events, clock } = ports;
  let suspects = new Set<string>();
  while (!signal.aborted) {
    const found = givenTwice(pods.items(), leases.items(), (lease) =>
      migrations.items().some((migration) => leaseIsNamedBy(lease, migration)),
    );
    for (const { pod, reason, message } of found) {
      const { namespace, name, uid } = pod.metadata;
      if (suspects.has(uid))
        events.record({ apiVersion: 'v1', kind: 'Pod', namespace, name, uid }, 'Warning', reason, message);
    }
    suspects = new Set(found.map(({ pod }) => pod.metadata.uid));
    await clock.sleep(periodMs, signal).catch(() => undefined); // the loop's condition ends it
  }
};
