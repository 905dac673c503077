import type { Reason } from '../../src/api/reasons.ts';
import { image } from './redis.ts';

/*
 * Twenty pods as a node may have them side by side: of every owner, some that
 * opted in and some that did not, some that cannot be moved.
 */

export type Outcome = 'moved' | 'evicted';

export interface Workload {
  readonly name: string;
  readonly owner: 'Deployment' | 'StatefulSet' | 'Job' | 'ReplicationController' | 'none';
  readonly pods: number;
  readonly optIn: boolean;
  readonly outcome: Outcome;
  /** What a pod that opted in and is evicted all the same is told. */
  readonly reasons: readonly Reason[];
  readonly spec: { readonly containers: readonly object[] };
}

const redis = {
  name: 'redis',
  image,
  imagePullPolicy: 'IfNotPresent',
  readinessProbe: { tcpSocket: { port: 6379 }, periodSeconds: 1 },
};

const ordinary: Pick<Workload, 'optIn' | 'reasons' | 'spec'> = {
  optIn: true,
  reasons: [],
  spec: { containers: [redis] },
};

/** A pod of a Deployment that opted in and cannot be moved, for one reason. */
const bound = (name: string, reason: Reason, spec: Workload['spec']): Workload => ({
  ...ordinary,
  name,
  owner: 'Deployment',
  pods: 1,
  outcome: 'evicted',
  reasons: [reason],
  spec,
});

export const workloads: readonly Workload[] = [
  { ...ordinary, name: 'web', owner: 'Deployment', pods: 5, outcome: 'moved' },
  { ...ordinary, name: 'sum', owner: 'Job', pods: 4, outcome: 'moved' },
  { ...ordinary, name: 'old', owner: 'ReplicationController', pods: 1, outcome: 'moved' },
  { ...ordinary, name: 'db', owner: 'StatefulSet', pods: 3, outcome: 'moved' },
  { ...ordinary, name: 'alone-1', owner: 'none', pods: 1, outcome: 'moved' },
  { ...ordinary, name: 'alone-2', owner: 'none', pods: 1, outcome: 'moved' },
  { ...ordinary, name: 'not-asked', owner: 'Deployment', pods: 1, optIn: false, outcome: 'evicted' },
  bound('with-host-port', 'HostPortUsed', {
    containers: [{ ...redis, ports: [{ containerPort: 6379, hostPort: 16380 }] }],
  }),
  bound('with-terminal', 'TerminalUsed', { containers: [{ ...redis, tty: true }] }),
  bound('with-start-hook', 'StartHookUsed', {
    containers: [{ ...redis, lifecycle: { postStart: { exec: { command: ['true'] } } } }],
  }),
  bound('privileged', 'PrivilegedContainer', { containers: [{ ...redis, securityContext: { privileged: true } }] }),
];

const templateOf = ({ name, owner, optIn, spec }: Workload) => ({
  metadata: { labels: { app: name }, annotations: optIn ? { 'transship.dev/migrate': 'true' } : {} },
  spec: { terminationGracePeriodSeconds: 1, ...spec, ...(owner === 'Job' && { restartPolicy: 'Never' }) },
});

type Manifest = (workload: Workload) => object;

const selectorOf = ({ name }: Workload): object => ({ matchLabels: { app: name } });

const ofOwner: Readonly<Record<Workload['owner'], Manifest>> = {
  Deployment: (workload) => ({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
    spec: { replicas: workload.pods, selector: selectorOf(workload), template: templateOf(workload) },
  }),
  StatefulSet: (workload) => ({
    ...{ apiVersion: 'apps/v1', kind: 'StatefulSet' },
    spec: {
      ...{ replicas: workload.pods, serviceName: workload.name, podManagementPolicy: 'Parallel' },
      ...{ selector: selectorOf(workload), template: templateOf(workload) },
    },
  }),
  Job: (workload) => ({
    ...{ apiVersion: 'batch/v1', kind: 'Job' },
    spec: {
      ...{ parallelism: workload.pods, completions: workload.pods, backoffLimit: 0 },
      template: templateOf(workload),
    },
  }),
  ReplicationController: (workload) => ({
    ...{ apiVersion: 'v1', kind: 'ReplicationController' },
    spec: { replicas: workload.pods, selector: { app: workload.name }, template: templateOf(workload) },
  }),
  none: (workload) => ({ apiVersion: 'v1', kind: 'Pod', ...templateOf(workload) }),
};

/** The object that makes the pods of a workload. */
export const manifestOf = (workload: Workload, namespace: string): object => {
  const { metadata, ...rest } = ofOwner[workload.owner](workload) as { readonly metadata?: object };
  return { ...rest, metadata: { ...metadata, name: workload.name, namespace } };
};
