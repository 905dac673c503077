import { z } from 'zod';
import { metadata, type OwnerReference } from './metadata.ts';

/*
 * The parts of pods and nodes that decisions are taken from. `looseObject`
 * keeps the fields that we do not name: a target's spec is made from all of
 * the source's, including fields that are newer than this program.
 */

const environmentVariable = z.looseObject({ name: z.string(), value: z.string().optional() });

const container = z.looseObject({
  name: z.string(),
  image: z.string().optional(),
  imagePullPolicy: z.string().optional(),
  tty: z.boolean().optional(),
  stdin: z.boolean().optional(),
  restartPolicy: z.string().optional(),
  env: z.array(environmentVariable).optional(),
  resources: z
    .looseObject({
      limits: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
      requests: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
      claims: z.array(z.unknown()).optional(),
    })
    .optional(),
  volumeDevices: z.array(z.unknown()).optional(),
  securityContext: z
    .looseObject({ seccompProfile: z.looseObject({ type: z.string() }).optional(), privileged: z.boolean().optional() })
    .optional(),
  ports: z.array(z.looseObject({ hostPort: z.number().optional() })).optional(),
});
export type Container = z.infer<typeof container>;

const volume = z.looseObject({
  name: z.string(),
  hostPath: z.looseObject({ path: z.string() }).optional(),
  persistentVolumeClaim: z.looseObject({ claimName: z.string() }).optional(),
  ephemeral: z.looseObject({}).optional(),
});

const toleration = z.looseObject({
  key: z.string().optional(),
  operator: z.string().optional(),
  value: z.string().optional(),
  effect: z.string().optional(),
});
export type Toleration = z.infer<typeof toleration>;

export const podSpec = z.looseObject({
  nodeName: z.string().optional(),
  hostname: z.string().optional(),
  subdomain: z.string().optional(),
  hostNetwork: z.boolean().optional(),
  hostPID: z.boolean().optional(),
  hostIPC: z.boolean().optional(),
  hostUsers: z.boolean().optional(),
  shareProcessNamespace: z.boolean().optional(),
  runtimeClassName: z.string().optional(),
  schedulerName: z.string().optional(),
  priority: z.number().optional(),
  tolerations: z.array(toleration).optional(),
  containers: z.array(container),
  initContainers: z.array(container).optional(),
  ephemeralContainers: z.array(container).optional(),
  volumes: z.array(volume).optional(),
  resourceClaims: z.array(z.unknown()).optional(),
  securityContext: z.looseObject({ seccompProfile: z.looseObject({ type: z.string() }).optional() }).optional(),
  evictionResponders: z.array(z.looseObject({ name: z.string() })).optional(),
});
export type PodSpec = z.infer<typeof podSpec>;

const terminated = z.looseObject({ containerID: z.string().optional() }).optional();

const containerStatus = z.looseObject({
  name: z.string(),
  image: z.string(),
  imageID: z.string(),
  containerID: z.string().optional(),
  ready: z.boolean(),
  restartCount: z.number(),
  state: z
    .looseObject({
      running: z.unknown().optional(),
      waiting: z.looseObject({ reason: z.string().optional(), message: z.string().optional() }).optional(),
      terminated,
    })
    .optional(),
  lastState: z.looseObject({ terminated }).optional(),
});

export type ContainerStatus = z.infer<typeof containerStatus>;

const podStatus = z.looseObject({
  phase: z.string().optional(),
  podIP: z.string().optional(),
  podIPs: z.array(z.looseObject({ ip: z.string() })).optional(),
  hostIP: z.string().optional(),
  conditions: z
    .array(
      z.looseObject({
        type: z.string(),
        status: z.string(),
        reason: z.string().optional(),
        message: z.string().optional(),
        lastTransitionTime: z.string().nullish(),
      }),
    )
    .optional(),
  initContainerStatuses: z.array(containerStatus).optional(),
  containerStatuses: z.array(containerStatus).optional(),
});

export const pod = z.looseObject({ metadata, spec: podSpec, status: podStatus.optional() });
export type Pod = z.infer<typeof pod>;

const taint = z.looseObject({ key: z.string(), value: z.string().optional(), effect: z.string() });
export type Taint = z.infer<typeof taint>;

const nodeCondition = z.looseObject({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
  lastTransitionTime: z.string().nullish(),
});
export type NodeCondition = z.infer<typeof nodeCondition>;

export const node = z.looseObject({
  metadata,
  spec: z
    .looseObject({
      podCIDR: z.string().optional(),
      unschedulable: z.boolean().optional(),
      taints: z.array(taint).optional(),
    })
    .optional(),
  status: z
    .looseObject({
      addresses: z.array(z.looseObject({ type: z.string(), address: z.string() })).optional(),
      images: z.array(z.looseObject({ names: z.array(z.string()).nullish() })).optional(),
      conditions: z.array(nodeCondition).optional(),
      nodeInfo: z
        .looseObject({
          containerRuntimeVersion: z.string(),
          kernelVersion: z.string(),
          architecture: z.string().optional(),
        })
        .optional(),
    })
    .optional(),
});
export type Node = z.infer<typeof node>;

/** As the kubelet reports it, in Go's words: amd64, arm64. */
export const architectureOf = ({ metadata, status }: Node): string | undefined =>
  status?.nodeInfo?.architecture ?? metadata.labels?.['kubernetes.io/arch'];

export const isReady = (p: Pod): boolean =>
  p.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;

/** The id of a container as its runtime knows it: without the runtime's name before it. */
export const containerIDOf = (containerID: string | undefined): string | undefined =>
  containerID?.replace(/^[a-z]+:\/\//, '');

/** The containers that run for as long as the pod does, as the kubelet starts them: an init container that restarts is a sidecar, and comes first (KEP-753). */
export const lastingContainersOf = ({ spec }: Pick<Pod, 'spec'>): readonly Container[] => [
  ...(spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always'),
  ...spec.containers,
];

/** Of all containers that run for as long as the pod does, and of those that came before them. */
export const containerStatusesOf = ({ status }: Pod): readonly ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

/** The process a pod's user would call its host name: what `hostname` prints inside. */
export const hostnameOf = (p: Pod): string => p.spec.hostname ?? p.metadata.name.slice(0, 63).replace(/[-.]+$/, '');

/** The owner that makes such pods and removes them. */
export const controllerOf = ({ metadata }: Pod): OwnerReference | undefined =>
  metadata.ownerReferences?.find(({ controller }) => controller === true);
