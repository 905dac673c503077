/** What happens as it should: a part of the registry. */
export const reasonsOfProgress = {
  CancelRequested: { kind: 'progress', means: 'The move was cancelled before it had committed; the source runs on.' },

  AgentOfItsNode: {
    kind: 'progress',
    means: 'A certificate of Transship was asked for by the agent of the node that it names; it was signed.',
  },
  EvacuationTriggered: { kind: 'progress', means: 'An eviction was turned into a move; the message names it.' },
  EvictionAllowed: {
    kind: 'progress',
    means:
      'The pod opted in but was not moved, so its eviction was allowed; it starts anew elsewhere. The message says why.',
  },
  EvictedByDecommission: {
    kind: 'progress',
    means: 'The pod was evicted, under its disruption budgets, because its node is decommissioned.',
  },
  Emptying: {
    kind: 'progress',
    means:
      'Pods are left on the decommissioned node. The message counts them, and says of those that cannot be evicted yet what stands in the way.',
  },
  Empty: {
    kind: 'progress',
    means: 'No pod is left on the decommissioned node that has to leave it. It can be taken away.',
  },
  Accepted: { kind: 'progress', means: 'The pod can be moved as far as its specification tells.' },
  SourceRemoved: {
    kind: 'progress',
    means:
      'The object of a pod that keeps its name was removed so that its target can have the name; its processes run on.',
  },
  NameTakenByMove: {
    kind: 'progress',
    means:
      'A pod was not made because another of its name is being moved; its StatefulSet makes it when the move has ended.',
  },
  Waiting: { kind: 'progress', means: 'The move waits for room under the limits of its policy.' },
  SourceInspected: {
    kind: 'progress',
    means: 'The agent has looked at the processes of the source and found nothing in the way.',
  },
  TargetCreated: { kind: 'progress', means: 'The target pod has been created and waits for a node.' },
  TargetArrived: {
    kind: 'progress',
    means: 'The target pod stands on its node with the address of the source and waits for the image.',
  },
  Moving: { kind: 'progress', means: 'The source is about to be frozen, dumped and restored on the target.' },
  Committed: { kind: 'progress', means: 'The target has been restored and is the pod from now on.' },
  Moved: { kind: 'progress', means: 'The pod runs on the target node; the source is gone.' },
} as const;
