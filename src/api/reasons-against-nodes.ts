/** What the scheduler shows of nodes: a part of the registry. */
export const reasonsAgainstNodes = {
  NodeIsSource: { kind: 'node', means: 'The pod runs on this node.' },
  NodeNotWanted: { kind: 'node', means: 'The Migration names another node (spec.targetNodeName).' },
  NodeCordoned: { kind: 'node', means: 'The node takes no new pods: kubectl uncordon it, or wait.' },
  NodeDecommissioned: { kind: 'node', means: 'The node is being emptied for good.' },
  NodeInboundLimitReached: {
    kind: 'node',
    means:
      'As many moves go to the node as the policy allows at once (maxInboundPerNode). The move waits for one to end.',
  },
  NodeHasNoAgent: {
    kind: 'node',
    means: 'No Transship agent is ready on the node. Look at the agent pod on that node.',
  },
  NodeProtocolDiffers: {
    kind: 'node',
    means:
      "The agent of the node is of another version than that of the source's node. Finish the upgrade of the DaemonSet.",
  },
  NodeArchitectureDiffers: {
    kind: 'node',
    means: 'The node has processors of another kind than the node of the source.',
  },
  NodeLacksCPUFeatures: {
    kind: 'node',
    means:
      'The processor of the node lacks features that the source may use, for it has looked at the processor once when it started.',
  },
  NodeKernelTooOld: {
    kind: 'node',
    means:
      "The kernel of the node is older than that of the source's node, which has given the processes what an older one cannot.",
  },
  NodeCRIUTooOld: {
    kind: 'node',
    means:
      "The CRIU of the node is older than that of the source's node and may not be able to read what that one writes.",
  },
  NodeLacksMemory: { kind: 'node', means: 'The node has less memory free than the pod uses.' },
  ImageNotAvailable: {
    kind: 'node',
    means:
      'The node does not have an image of the pod, and the pod lets no node pull it (imagePullPolicy: Never). Bring the image to the node.',
  },
  NodeWasAtFault: {
    kind: 'node',
    means: 'An earlier attempt of the move failed because of this node, and another node fits.',
  },
} as const;
