import { z } from 'zod';

/*
 * Hooks let an application, or whoever runs a cluster, take part in a move. They
 * are shaped after the lifecycle handlers of containers: a policy has them in
 * `spec.hooks`, a pod in the annotation `transship.dev/hooks` as JSON.
 */

/** When a hook is run; in the order of a move that goes well, and the last one when it does not. */
export const hookPoints = ['preMigration', 'preFreeze', 'postMigration', 'onRollback'] as const;
export type HookPoint = (typeof hookPoints)[number];

/** Between the arrival of a target and the freeze its kubelet waits, for two minutes at most (runtimeRequestTimeout). */
const longestSeconds = { preMigration: 300, preFreeze: 30, postMigration: 300, onRollback: 30 } as const;

const exec = {
  container: z.string().min(1).max(63).describe('the container in which it runs'),
  command: z
    .array(z.string().max(4_096))
    .min(1)
    .max(64)
    .describe(
      'program and arguments, without a shell; $(TRANSSHIP_POD), $(TRANSSHIP_NODE), $(TRANSSHIP_MIGRATION), $(TRANSSHIP_HOOK), $(TRANSSHIP_ATTEMPT) and $(TRANSSHIP_FREEZE_MS) are replaced',
    ),
};
const httpPost = {
  port: z.number().int().min(1).max(65_535).describe('a port of the pod itself'),
  path: z
    .string()
    .max(1_024)
    .regex(/^\/[!-~]*$/)
    .default('/'),
};
/** Not one with a password: whoever may read policies and Migrations would read it. */
const http = {
  url: z
    .string()
    .max(2_048)
    .regex(/^https?:\/\/[^\s@/?#]+([/?][!-~]*)?$/)
    .describe('http or https, without user and password; redirects are not followed'),
};

const common = (point: HookPoint) => ({
  timeoutSeconds: z
    .number()
    .int()
    .min(1)
    .max(longestSeconds[point])
    .default(10)
    .describe('a hook that has not ended by then has failed'),
  failurePolicy: z
    .enum(['Fail', 'Ignore'])
    .default('Fail')
    .describe('what its failure means for a move that has not committed; after that it is only told'),
});

const ofPolicy = (point: HookPoint) =>
  z.object({
    exec: z.object(exec).optional().describe('runs a program in a container of the pod'),
    httpPost: z.object(httpPost).optional().describe('sends JSON to a port of the pod'),
    http: z.object(http).optional().describe('sends JSON to any address'),
    ...common(point),
  });

const ofPod = (point: HookPoint) =>
  z
    .strictObject({
      exec: z.strictObject(exec).optional(),
      httpPost: z.strictObject(httpPost).optional(),
      ...common(point),
    })
    .refine((hook) => (hook.exec === undefined) !== (hook.httpPost === undefined), {
      error: 'name either exec or httpPost',
    });

const says = {
  preMigration: 'before anything is made for the move; its failure ends the move',
  preFreeze: 'just before the pod is frozen; its failure ends the attempt',
  postMigration: 'when the pod runs on the target node',
  onRollback: 'when an attempt was taken back, or the move ended without success',
} as const;

export const policyHooks = z.object({
  preMigration: ofPolicy('preMigration').optional().describe(says.preMigration),
  preFreeze: ofPolicy('preFreeze').optional().describe(says.preFreeze),
  postMigration: ofPolicy('postMigration').optional().describe(says.postMigration),
  onRollback: ofPolicy('onRollback').optional().describe(says.onRollback),
});
export type PolicyHooks = z.infer<typeof policyHooks>;

/** What stands in the annotation. A name that does not exist is a mistake there; in a policy the API server drops it. */
export const podHooks = z.strictObject({
  preMigration: ofPod('preMigration').optional(),
  preFreeze: ofPod('preFreeze').optional(),
  postMigration: ofPod('postMigration').optional(),
  onRollback: ofPod('onRollback').optional(),
});
export type PodHooks = z.infer<typeof podHooks>;

const origin = z.enum(['Policy', 'Pod']);

/** A hook as a move was accepted with it. */
export const acceptedHook = z.object({
  point: z.enum(hookPoints),
  from: origin.describe('where it is written: in the MigrationPolicy, or in the annotation of the pod'),
  exec: z.object(exec).optional(),
  httpPost: z.object(httpPost).optional(),
  http: z.object(http).optional(),
  timeoutSeconds: z.number().int().min(1),
  failurePolicy: z.enum(['Fail', 'Ignore']),
});
export type AcceptedHook = z.infer<typeof acceptedHook>;

/** What became of a hook. */
export const hookResult = z.object({
  name: z.enum(hookPoints),
  from: origin,
  attempt: z.number().int().min(1).describe('the attempt for which it was run; 1 for preMigration, which is run once'),
  outcome: z
    .enum(['Running', 'Succeeded', 'Failed'])
    .describe('Running is written before it is begun: it is begun anew when the controller has changed meanwhile'),
  startTime: z.string(),
  ms: z.number().int().min(0).optional().describe('how long it took'),
  message: z.string().optional().describe('why it failed'),
  output: z.string().optional().describe('the beginning of what it said, 1 KiB at most'),
});
export type HookResult = z.infer<typeof hookResult>;
