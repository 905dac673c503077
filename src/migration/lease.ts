import type { IPLease } from '../api/addresses.ts';
import type { Migration } from '../api/migration.ts';
import { migrationAnnotation } from '../api/names.ts';
import type { Facts } from './facts.ts';
import { isOver } from './status.ts';
import type { Step, Tenant } from './step.ts';

/** A Migration's lease carries its UID from the day it is made until the address has moved: then it goes when the move fails. */
const madeFor = (lease: IPLease): string | undefined => lease.metadata.annotations?.[migrationAnnotation];

const isTenant = (lease: IPLease, tenant: Tenant): boolean =>
  lease.spec.nodeName === tenant.nodeName &&
  lease.spec.podUID === tenant.podUID &&
  lease.spec.podName === tenant.podName;

const sourceTenant = ({ metadata, spec, status }: Migration): Tenant | undefined =>
  status?.source && {
    nodeName: status.source.nodeName,
    podNamespace: metadata.namespace ?? 'default',
    podName: spec.podName,
    podUID: status.source.podUID,
  };

const targetTenant = ({ metadata, status }: Migration): Tenant | undefined =>
  status?.target?.nodeName && status.target.podUID
    ? {
        nodeName: status.target.nodeName,
        podNamespace: metadata.namespace ?? 'default',
        podName: status.target.podName,
        podUID: status.target.podUID,
      }
    : undefined;

const give = (lease: IPLease, tenant: Tenant, mark: string | null): Step => ({
  do: 'patchLease',
  name: lease.metadata.name,
  patch: {
    metadata: { resourceVersion: lease.metadata.resourceVersion, annotations: { [migrationAnnotation]: mark } },
    spec: tenant,
  },
});

/** Is the address of the source given to a pod that lives and is not the source? */
export const addressIsTaken = ({ migration, lease, leaseIsInUse }: Facts): boolean =>
  lease !== undefined && leaseIsInUse && lease.spec.podUID !== migration.status?.source?.podUID;

/** Before a target exists, its address must be known as the source's, or two nodes could give it away. */
export const reserveAddress = ({ migration, lease }: Facts): Step[] => {
  const address = migration.status?.source?.address;
  const tenant = sourceTenant(migration);
  if (!address || !tenant) return [];
  if (!lease) return [{ do: 'createLease', address, tenant, madeFor: migration.metadata.uid }];
  if (isTenant(lease, tenant)) return [];
  return [give(lease, tenant, migration.metadata.uid)];
};

/** After the commit the address lives with the target; the agents' routes follow this. */
export const moveAddress = ({ migration, lease }: Facts): Step[] => {
  const address = migration.status?.source?.address;
  const tenant = targetTenant(migration);
  if (!address || !tenant) return [];
  if (!lease) return [{ do: 'createLease', address, tenant, madeFor: '' }];
  if (isTenant(lease, tenant)) return [];
  // Once it has left for a later pod it is not ours to move back.
  return lease.spec.podUID === migration.status?.source?.podUID ? [give(lease, tenant, null)] : [];
};

/** What was reserved for a move that did not come to be is given back. An older lease of the source stays. */
export const releaseAddress = ({ migration, lease }: Facts): Step[] => {
  if (!lease || madeFor(lease) !== migration.metadata.uid) return [];
  return [{ do: 'deleteLease', name: lease.metadata.name, uid: lease.metadata.uid }];
};

/** Does a Migration still need this lease, also if its pod is not to be seen (yet, or any more)? */
export const leaseIsNamedBy = (lease: IPLease, migration: Migration): boolean => {
  if (isOver(migration)) return false;
  const { source, target } = migration.status ?? {};
  const isOfPod = [source?.podUID, target?.podUID].includes(lease.spec.podUID);
  return isOfPod || source?.address?.ip === lease.metadata.name || madeFor(lease) === migration.metadata.uid;
};
