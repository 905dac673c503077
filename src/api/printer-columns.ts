/*
 * What `kubectl get` and `kubectl transship get` show of each kind. The columns
 * without a priority fit into 80 characters with the names that Deployments and
 * nodes usually have; the name of a Migration begins with that of its pod.
 */

export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly description?: string;
  /** 1 shows it with `-o wide` only. */
  readonly priority?: number;
}

const age: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/** By the plural of the kind: the columns beside its name, in their order. */
export const printerColumns = {
  migrations: [
    { name: 'Target', type: 'string', jsonPath: '.status.target.nodeName' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    {
      name: 'Freeze',
      type: 'integer',
      jsonPath: '.status.timings.freezeMs',
      description: 'Milliseconds from the freeze of the source to the release of the target',
    },
    age,
    { name: 'Pod', type: 'string', jsonPath: '.spec.podName', priority: 1 },
    { name: 'Source', type: 'string', jsonPath: '.status.source.nodeName', priority: 1 },
    { name: 'Reason', type: 'string', jsonPath: '.status.reason', priority: 1 },
    { name: 'Trigger', type: 'string', jsonPath: '.spec.trigger', priority: 1 },
    { name: 'Policy', type: 'string', jsonPath: '.status.terms.policy', priority: 1 },
    { name: 'Target-Pod', type: 'string', jsonPath: '.status.target.podName', priority: 1 },
  ],
  migrationpolicies: [
    { name: 'Priority', type: 'integer', jsonPath: '.spec.priority' },
    { name: 'Concurrent', type: 'integer', jsonPath: '.spec.maxConcurrent' },
    { name: 'Out', type: 'integer', jsonPath: '.spec.maxOutboundPerNode' },
    { name: 'In', type: 'integer', jsonPath: '.spec.maxInboundPerNode' },
    { name: 'On-Failure', type: 'string', jsonPath: '.spec.onFailure' },
    age,
  ],
  migrationnodes: [
    { name: 'Ready', type: 'boolean', jsonPath: '.status.ready' },
    { name: 'Runtime', type: 'string', jsonPath: '.status.runtime' },
    { name: 'CRIU', type: 'string', jsonPath: '.status.criuVersion' },
    { name: 'Kernel', type: 'string', jsonPath: '.status.kernelVersion' },
    { name: 'Heartbeat', type: 'date', jsonPath: '.status.heartbeatTime' },
    age,
    { name: 'Message', type: 'string', jsonPath: '.status.message', priority: 1 },
  ],
  ippools: [
    { name: 'CIDR', type: 'string', jsonPath: '.spec.cidr' },
    { name: 'Leased', type: 'integer', jsonPath: '.status.leased' },
    { name: 'Free', type: 'integer', jsonPath: '.status.free' },
    { name: 'Reason', type: 'string', jsonPath: '.status.reason' },
    age,
    { name: 'Capacity', type: 'integer', jsonPath: '.status.capacity', priority: 1 },
    { name: 'Disabled', type: 'boolean', jsonPath: '.spec.disabled', priority: 1 },
    { name: 'Message', type: 'string', jsonPath: '.status.message', priority: 1 },
  ],
  ipleases: [
    { name: 'Node', type: 'string', jsonPath: '.spec.nodeName' },
    { name: 'Namespace', type: 'string', jsonPath: '.spec.podNamespace' },
    { name: 'Pod', type: 'string', jsonPath: '.spec.podName' },
    age,
    { name: 'Pool', type: 'string', jsonPath: '.spec.pool', priority: 1 },
  ],
} as const satisfies Readonly<Record<string, readonly Column[]>>;
