import type { IPLease } from '../api/addresses.ts';
import { apiVersion } from '../api/group.ts';
import type { Migration, MigrationSpec, MigrationStatus } from '../api/migration.ts';
import type { MigrationNode } from '../api/migration-node.ts';
import type { Node, Pod, PodSpec } from '../api/pod.ts';
import type { Facts } from './facts.ts';
import { lineAmong } from './queue/limits.ts';
import { emptyLine } from './queue/line.ts';
import { builtIn } from './policy/policy.ts';

/** For tests: a Deployment's pod `web-1` on node n1, the agents of n1 and n2, and a Migration of that pod. */
export const now = Date.parse('2026-01-01T00:10:00Z');

export const sourceUID = '5a5a5a5a-0000-4000-8000-000000000001';
export const targetUID = '7b7b7b7b-0000-4000-8000-000000000002';
export const migrationUID = '3fa9c2d1-0000-4000-8000-000000000003';
export const targetName = 'web-1-m3fa9c2';

interface PodChanges {
  readonly metadata?: object;
  readonly spec?: Partial<PodSpec>;
  readonly status?: object;
}

export const podWith = (changes: PodChanges = {}): Pod => ({
  metadata: {
    name: 'web-1',
    namespace: 'default',
    uid: sourceUID,
    resourceVersion: '11',
    labels: { app: 'web', 'pod-template-hash': 'abc' },
    annotations: { 'transship.dev/migrate': 'true' },
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'rs', controller: true, blockOwnerDeletion: true },
    ],
    ...changes.metadata,
  },
  spec: { nodeName: 'n1', containers: [{ name: 'web', image: 'web:1' }], ...changes.spec },
  status: {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [
      {
        name: 'web',
        image: 'web:1',
        imageID: 'sha256:1',
        containerID: 'containerd://c1',
        ready: true,
        restartCount: 0,
        state: { running: {} },
      },
    ],
    ...changes.status,
  },
});

export const agentOf = (name: string, changes: Partial<NonNullable<MigrationNode['status']>> = {}): MigrationNode => ({
  metadata: { name, uid: `agent-${name}`, resourceVersion: '1' },
  status: {
    ready: true,
    heartbeatTime: new Date(now).toISOString(),
    runtime: 'containerd',
    runtimeVersion: '2.1.9',
    criuVersion: '4.2.1',
    kernelVersion: '6.18',
    cpuFeatures: [],
    address: '10.0.0.1',
    port: 7443,
    protocol: 1,
    freeMemoryBytes: 1e9,
    ...changes,
  },
});

export const migrationWith = (
  status?: Partial<MigrationStatus>,
  spec: Partial<MigrationSpec> = {},
  metadata: object = {},
): Migration => ({
  apiVersion,
  kind: 'Migration',
  metadata: {
    name: 'move',
    namespace: 'default',
    uid: migrationUID,
    resourceVersion: '21',
    creationTimestamp: '2026-01-01T00:09:00Z',
    finalizers: ['transship.dev/move'],
    ...metadata,
  },
  spec: { podName: 'web-1', trigger: 'Request', deadlineSeconds: 600, ...spec },
  ...(status ? { status: { phase: 'Pending', ...status } } : {}),
});

export const address = { ip: '10.244.1.5', prefixLength: 24, gateway: '10.244.1.1' };
export const movable = {
  type: 'Movable',
  status: 'True',
  reason: 'SourceInspected',
  message: '',
  lastTransitionTime: '2026-01-01T00:09:30Z',
} as const;
export const source = { nodeName: 'n1', podUID: sourceUID, address };
export const target = {
  podName: targetName,
  podUID: targetUID,
  nodeName: 'n2',
  containers: [{ name: 'web', id: 'c2' }],
};

export const targetWith = (changes: PodChanges = {}): Pod =>
  podWith({
    metadata: {
      name: targetName,
      uid: targetUID,
      labels: { app: 'web', 'transship.dev/target': 'move' },
      annotations: {
        'transship.dev/migrate': 'true',
        'transship.dev/migration': 'move',
        'transship.dev/adoption': JSON.stringify({
          labels: { 'pod-template-hash': 'abc' },
          ownerReferences: podWith().metadata.ownerReferences,
        }),
      },
      ownerReferences: undefined,
      ...changes.metadata,
    },
    spec: {
      nodeName: 'n2',
      runtimeClassName: 'transship',
      schedulerName: 'transship',
      containers: [{ name: 'web', image: 'web:1', env: [{ name: 'TRANSSHIP_MIGRATION', value: migrationUID }] }],
      ...changes.spec,
    },
    status: {
      containerStatuses: [
        {
          name: 'web',
          image: 'web:1',
          imageID: 'sha256:1',
          containerID: 'docker://c2',
          ready: true,
          restartCount: 0,
          state: { running: {} },
        },
      ],
      ...changes.status,
    },
  });

export const leaseWith = (spec: Partial<IPLease['spec']> = {}, annotations: Record<string, string> = {}): IPLease => ({
  metadata: { name: address.ip, uid: 'lease', resourceVersion: '31', annotations },
  spec: { ...address, nodeName: 'n1', podNamespace: 'default', podName: 'web-1', podUID: sourceUID, ...spec },
});

export const nodeWith = (name: string, spec: Node['spec'] = {}): Node => ({
  metadata: { name, uid: name, resourceVersion: '1' },
  spec,
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
});

export const decommissioned = { taints: [{ key: 'transship.dev/decommissioned', effect: 'NoSchedule' }] };

/** The line beside these Migrations, of which none waits. */
export const lineBeside = (...migrations: readonly Migration[]): Facts['line'] =>
  lineAmong(migrations, { podOf: () => undefined, policyOf: () => builtIn }, now);

export const factsWith = (changes: Partial<Facts> = {}): Facts => ({
  migration: migrationWith(),
  seenForMs: 1_000,
  source: podWith(),
  sourceNode: agentOf('n1'),
  target: undefined,
  targetNode: nodeWith('n2'),
  wantedNode: { node: undefined, agent: undefined },
  policy: builtIn,
  others: [],
  line: emptyLine,
  lease: undefined,
  leaseIsInUse: false,
  ...changes,
});
