/** What is wrong with a request itself: a part of the registry. */
export const reasonsAgainstRequests = {
  AnnotationMalformed: {
    kind: 'request',
    means: 'An annotation of ours has a value or a name that does not exist. Correct it on the pod (and its template).',
  },
  HookMalformed: {
    kind: 'request',
    means:
      'A hook of the pod (annotation transship.dev/hooks) or of its MigrationPolicy cannot be run as it is written; the message names every mistake. The annotation is fixed when a pod is made: correct it in the template.',
  },
  NotOptedIn: {
    kind: 'request',
    means: 'The pod does not carry the annotation transship.dev/migrate: "true". Set it to let the pod be moved.',
  },
  PodNotFound: {
    kind: 'request',
    means: 'The pod that the Migration names does not exist, or has been replaced by another of the same name.',
  },
  AlreadyMoved: {
    kind: 'request',
    means: 'The pod has been moved by another Migration; the message says which, and as which pod it runs now.',
  },
  PodTerminating: { kind: 'request', means: 'The pod is being deleted; there is nothing left to move.' },
  PodNotRunning: {
    kind: 'request',
    means: 'The pod is not running (yet, or any more). Only running pods can be moved.',
  },
  InitContainersRunning: {
    kind: 'request',
    means: 'The pod still runs its init containers; what it is to run has not begun. Wait until they have ended.',
  },
  TargetNodeNotFound: { kind: 'request', means: 'The target node that the Migration names does not exist.' },
  TargetNodeIsSource: {
    kind: 'request',
    means: 'The target node that the Migration names is the node on which the pod runs.',
  },
  TargetNodeHasNoAgent: {
    kind: 'request',
    means: 'No Transship agent is ready on the target node. Look at the agent pod on that node.',
  },
  PolicyConflict: {
    kind: 'request',
    means:
      'Several MigrationPolicies select the pod and none of them is more specific; the message names them. Add a requirement to the selector of the one that is to hold, or make the others not select the pod.',
  },
  PolicyForbidsMove: {
    kind: 'request',
    means: 'The MigrationPolicy of the pod does not let an eviction become a move (triggers.eviction: false).',
  },
  PolicySelectsNothing: {
    kind: 'request',
    means:
      'The selectors of a MigrationPolicy select no namespace, or no pod, as the cluster is now. Compare them with the labels; nothing is to be done when the pods are yet to come.',
  },
  NotAnAgent: {
    kind: 'request',
    means:
      'A certificate of Transship was asked for by somebody who is not the agent of the node that it names; it was denied.',
  },
  MigrationRejected: {
    kind: 'request',
    means: 'The API server refuses the Migration that an eviction asks for; the message has its words.',
  },
  PodIsTarget: { kind: 'request', means: 'The pod is the target of a running move. Wait until that move is finished.' },
} as const;
