/**
 * The step boundaries of a move at which a fault can be injected. Each is
 * reached right after what its sentence says has taken effect.
 */
export const failPoints = {
  'controller.accepted': 'the record is Inspecting',
  'controller.prepared': 'the record is Preparing, the target pod is not created yet',
  'controller.created': 'the target pod is created',
  'controller.adopting': 'the record is Committed, the target is not adopted yet',
  'controller.adopted': 'the target has its labels and its owner, the source is not deleted yet',
  'controller.removed': 'the source is deleted, the record is not Succeeded yet',
  'controller.answer': 'the controller has written a status; the detail is its phase',
  'source.inspected': 'the source has been looked at, the record does not say so yet',
  'source.claimed': 'the record is Moving',
  'source.ready': 'the agents are connected and the target is ready',
  'source.synced': 'the files have been copied once',
  'source.shut': 'nobody is let in any more who is not connected to the source',
  'source.frozen': 'the processes of the source stand still',
  'source.dumping': 'CRIU has been started on the source',
  'source.diverted': 'packets go to the target',
  'source.sent': 'the image is complete on its way',
  'source.held': 'the target has said that it is held, the commit is not sent',
  'source.committed': 'the commit is confirmed, the target has not been told',
  'source.fenced': 'the source is behind its fence',
  'source.answer': 'the agent of the source has written a status; the detail is its phase',
  'target.arriving': 'runc create waits, nothing is made ready for it',
  'target.stood': 'packets would be held and the folder for the image is there',
  'target.arrived': 'the record is Arrived',
  'target.routed': 'packets for the pod queue here',
  'target.received': 'the image is complete here, its restore has not begun',
  'target.restoring': 'the wrapper has been told to restore',
  'target.held': 'the tree is restored and stands still',
  'target.released': 'the processes go on here',
  'target.noted': 'the record says that the target is released',
  'target.answer': 'the agent of the target has written a status; the detail is its phase',
} as const;

export type FailPoint = keyof typeof failPoints;

/** What the one who asked is to do next; all but `go` make it meet a fault that nobody can cause from outside. */
export const directives = ['go', 'lose-answer', 'corrupt', 'truncate', 'fail'] as const;

export type Directive = (typeof directives)[number];
