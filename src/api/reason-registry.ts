import { reasonsOfVolumes } from './reasons-of-volumes.ts';
import { reasonsAgainstNodes } from './reasons-against-nodes.ts';
import { reasonsAgainstRequests } from './reasons-against-requests.ts';
import { reasonsOfFiles } from './reasons-of-files.ts';
import { reasonsOfPools } from './reasons-of-pools.ts';
import { reasonsOfProgress } from './reasons-of-progress.ts';

/**
 * Every reason that Transship gives, once. The same word stands in conditions,
 * events, webhook answers, logs, the CLI and docs/reasons.md; the sentence says
 * what it means and what to do. `kind` says where it comes from:
 *
 *   unmovable   the pod as it is cannot be moved; nothing was touched
 *   request     the request itself is wrong
 *   node        a node cannot take the pod; another may
 *   fault       an attempt was begun and could not be finished
 *   pool        an address is not to be had, or an IPPool says how it stands
 *   progress    something happened as it should
 */
export type ReasonKind = 'unmovable' | 'request' | 'node' | 'fault' | 'pool' | 'progress';

/**
 * What is tried after an attempt that ended with a fault:
 *
 *   never      nothing: it would end the same way again
 *   anywhere   another attempt
 *   elsewhere  another attempt, on another target node where there is one
 *   away       another attempt, on another target node; it is nobody's failure, so it uses up no retry
 */
export type Retry = 'never' | 'anywhere' | 'elsewhere' | 'away';

export interface Entry {
  readonly kind: ReasonKind;
  readonly means: string;
  /** Only of faults; without it a fault is final. */
  readonly retry?: Retry;
}

export const registry = {
  ...reasonsAgainstRequests,

  MirrorPod: { kind: 'unmovable', means: 'The pod is a static pod, bound to the files of its node.' },
  DaemonSetPod: { kind: 'unmovable', means: 'The pod belongs to a DaemonSet, which wants one pod on each node.' },
  OwnerNotSupported: {
    kind: 'unmovable',
    means:
      'The owner of the pod is of a kind that Transship cannot hand a moved pod to. Supported: ReplicaSet (Deployment), ReplicationController, Job and StatefulSet, and pods without an owner.',
  },
  SignalsNotHeld: {
    kind: 'unmovable',
    means:
      'A pod of a StatefulSet, or without an owner, keeps its name, so its object is removed while signals are kept away from its processes. In one that was not started under the RuntimeClass transship no program can be run meanwhile, and a probe or hook of it does. Create the pod anew once, with the annotation.',
  },
  StopHookUsed: {
    kind: 'unmovable',
    means:
      'The pod keeps its name when it moves and has a preStop hook, which its kubelet would run as soon as its object is removed. A preStop hook that only sleeps does no harm.',
  },
  StatefulSetChanging: {
    kind: 'unmovable',
    means:
      'The StatefulSet of the pod is being rolled out, scaled down or deleted, so it would not make the same pod again. Wait for it to end.',
  },
  TemplateNotOptedIn: {
    kind: 'unmovable',
    means:
      'The pod has opted in and the template of its StatefulSet has not, so the pod that takes its place could not become its target. Put the annotation into the template.',
  },
  HostNetworkUsed: { kind: 'unmovable', means: 'The pod uses hostNetwork: its sockets are those of the node.' },
  HostPIDUsed: { kind: 'unmovable', means: 'The pod uses hostPID: its processes are among those of the node.' },
  HostIPCUsed: { kind: 'unmovable', means: 'The pod uses hostIPC: its IPC objects are those of the node.' },
  HostPortUsed: {
    kind: 'unmovable',
    means: 'A container of the pod uses a hostPort, which is bound to the address of its node.',
  },
  IPv6Used: {
    kind: 'unmovable',
    means: 'The pod has an IPv6 address, which does not go along to another node in this version; IPv4 addresses do.',
  },
  SeveralInterfaces: {
    kind: 'unmovable',
    means:
      'The pod has more than one network interface; only the first one goes along to another node in this version.',
  },
  ConnectionsLost: {
    kind: 'unmovable',
    means:
      'The pod has connections that its node masquerades: their peers know them by the address of the node, so they end with the move. The message names the peers. A move is refused for it only where the policy says so (lostConnections: Refuse).',
  },
  SharedProcessNamespace: {
    kind: 'unmovable',
    means: 'The pod shares one process namespace between its containers, which CRIU cannot restore into.',
  },
  StartHookUsed: {
    kind: 'unmovable',
    means:
      'The pod has a postStart hook, which its new kubelet would run in processes that have long begun. A postStart hook that only sleeps does no harm.',
  },
  EphemeralContainerPresent: {
    kind: 'unmovable',
    means: 'A debug container has been attached to the pod; a new pod cannot be created with one.',
  },
  TerminalUsed: { kind: 'unmovable', means: 'A container has tty or stdin: a terminal belongs to the node.' },
  PrivilegedContainer: {
    kind: 'unmovable',
    means: 'A container is privileged: it may hold devices and kernel objects of its node.',
  },
  HostPathUsed: {
    kind: 'unmovable',
    means: 'The pod mounts a file or folder of its node (hostPath), which another node does not have as it is there.',
  },
  ...reasonsOfVolumes,
  GPUUsed: {
    kind: 'unmovable',
    means:
      'The pod uses a GPU, whose memory and whose driver know of its processes. No checkpoint has that in this version.',
  },
  DeviceUsed: {
    kind: 'unmovable',
    means: 'The pod uses a device (an extended resource, a resource claim or a block volume) of its node.',
  },
  RuntimeClassForeign: {
    kind: 'unmovable',
    means: 'The pod names a RuntimeClass of its own, so it cannot be started under that of Transship.',
  },
  UserNamespaceUsed: {
    kind: 'unmovable',
    means: 'The pod runs in a user namespace, whose mapping differs from node to node.',
  },
  CheckpointOptionsForbidden: {
    kind: 'unmovable',
    means: "The pod carries an annotation that would choose options of CRIU, which are the administrator's to choose.",
  },
  SourceNodeHasNoAgent: {
    kind: 'unmovable',
    means: 'No Transship agent is ready on the node on which the pod runs. Look at the agent pod on that node.',
  },
  IOUringUsed: {
    kind: 'unmovable',
    means:
      'A process of the pod has an io_uring open, which CRIU cannot dump. Use seccompProfile: RuntimeDefault, which opted-in pods get when they are created.',
  },
  MultipathTCPUsed: {
    kind: 'unmovable',
    means:
      'A process of the pod has a multipath TCP socket, which CRIU cannot dump. Go programs: GODEBUG=multipathtcp=0, which opted-in pods get when they are created.',
  },
  DescriptorNotSupported: {
    kind: 'unmovable',
    means: 'A process of the pod has a descriptor open that CRIU cannot dump.',
  },
  SocketShared: {
    kind: 'unmovable',
    means:
      'Two containers of the pod share a unix socket in a way that does not arrive: they are connected by datagram sockets, both have the same socket open (SCM_RIGHTS), or it is to be told by a signal or has a filter; or the kernel is older than 5.6. Connections of stream and seqpacket sockets go along, and so does TCP over localhost.',
  },
  SegmentShared: {
    kind: 'unmovable',
    means:
      'SysV shared memory is attached in several containers of the pod. CRIU restores it for one of them only. In one container it goes along, and so do message queues and semaphores, and memory that is shared through files.',
  },
  MemoryTooLarge: {
    kind: 'unmovable',
    means: 'The memory of the pod does not fit into the room for images on one of the two nodes.',
  },
  NoNodeFits: {
    kind: 'unmovable',
    means: 'No node can take the pod, or none could in time; the message has the reason of each.',
  },

  ...reasonsOfFiles,
  ...reasonsAgainstNodes,

  InspectionFailed: { kind: 'fault', means: 'The agent could not look at the processes of the pod.' },

  TargetPodRejected: { kind: 'fault', means: 'The API server refused the target pod.', retry: 'never' },
  TargetPodGone: {
    kind: 'fault',
    means: 'The target pod was deleted or failed before the commit.',
    retry: 'elsewhere',
  },
  TargetNodeDecommissioned: {
    kind: 'fault',
    means:
      'The target node was decommissioned while the pod was on its way to it. Another node is chosen, unless the Migration names this one.',
    retry: 'away',
  },
  TargetNotStarted: {
    kind: 'fault',
    means: 'The target pod could not be started on its node; the message has what the kubelet says.',
    retry: 'elsewhere',
  },
  TargetEscaped: {
    kind: 'fault',
    means: 'The target pod was changed by another admission webhook so that it would not restore; it has been removed.',
    retry: 'never',
  },
  AddressConflict: {
    kind: 'fault',
    means: 'The target pod did not get the address of the source.',
    retry: 'elsewhere',
  },
  DeadlineExceeded: {
    kind: 'fault',
    means: 'The move had not committed when its deadline passed.',
    retry: 'never',
  },
  SourceAgentSilent: {
    kind: 'fault',
    means: 'The agent of the source node did not do its part in time. Look at the agent pod on that node.',
    retry: 'anywhere',
  },
  TargetNotReady: {
    kind: 'fault',
    means: 'The target pod did not get as far as the rendezvous in time. Look at the pod and at the agent of its node.',
    retry: 'elsewhere',
  },
  FreezeTooLong: {
    kind: 'fault',
    means: 'The source was frozen for longer than the policy allows and runs again.',
    retry: 'anywhere',
  },
  DumpFailed: {
    kind: 'fault',
    means: 'CRIU could not write the image of the source; the last lines of its log are in the message.',
    retry: 'anywhere',
  },
  RestoreFailed: {
    kind: 'fault',
    means: 'CRIU could not restore the image on the target; the last lines of its log are in the message.',
    retry: 'elsewhere',
  },
  StreamTruncated: {
    kind: 'fault',
    means: 'The stream between the agents ended before the image was complete.',
    retry: 'anywhere',
  },
  StreamMalformed: {
    kind: 'fault',
    means: 'The stream between the agents did not follow the protocol.',
    retry: 'anywhere',
  },
  StreamCorrupted: {
    kind: 'fault',
    means: 'What arrived is not what was sent: the checksums of the image differ.',
    retry: 'anywhere',
  },
  PeerSilent: {
    kind: 'fault',
    means: 'The other agent said nothing for too long during the freeze; the source runs on.',
    retry: 'elsewhere',
  },
  PeerUnreachable: {
    kind: 'fault',
    means: 'The agent of the target node could not be reached.',
    retry: 'elsewhere',
  },
  PeerNotTrusted: {
    kind: 'fault',
    means: 'The other agent showed a certificate that is wrong, expired or not that of the expected node.',
    retry: 'elsewhere',
  },
  ProtocolMismatch: {
    kind: 'fault',
    means: 'The two agents are of versions that do not understand each other. Finish the upgrade of the DaemonSet.',
    retry: 'elsewhere',
  },
  RendezvousUnknown: {
    kind: 'fault',
    means: 'A container asked to be restored for a move that does not exist. It was not started.',
    retry: 'elsewhere',
  },
  AgentFault: {
    kind: 'fault',
    means:
      'The agent met an error that has no reason of its own; its message says which. The log of the agent has more.',
    retry: 'anywhere',
  },
  AgentRestarted: {
    kind: 'fault',
    means: 'An agent was restarted while the move was under way and took the attempt back.',
    retry: 'anywhere',
  },
  AgentStopping: {
    kind: 'fault',
    means: 'An agent was told to stop before the freeze and took the attempt back.',
    retry: 'anywhere',
  },
  SourceGone: { kind: 'fault', means: 'The source pod ended while the move was under way.', retry: 'never' },
  HookVetoed: {
    kind: 'fault',
    means:
      'A preMigration hook with failurePolicy: Fail has failed, so the move was given up before anything was made for it. The message has its words.',
    retry: 'never',
  },
  HookFailed: {
    kind: 'fault',
    means:
      'A hook of the pod or of its policy has failed, or has not ended in time. A preFreeze hook with failurePolicy: Fail ends the attempt before the freeze; any other hook ends nothing. The message has its words.',
    retry: 'anywhere',
  },
  CommitRefused: {
    kind: 'fault',
    means: 'The record of the move had changed when the commit was to be written.',
    retry: 'anywhere',
  },
  TargetLost: {
    kind: 'fault',
    means:
      'The move had committed when the target ended, or its node died: the pod starts anew, and what it held in memory is lost.',
    retry: 'never',
  },
  ...reasonsOfPools,
  ...reasonsOfProgress,
} as const satisfies Record<string, Entry>;
