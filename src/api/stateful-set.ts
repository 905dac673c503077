import { z } from 'zod';
import { metadata } from './metadata.ts';

/** What of a StatefulSet says which pods it makes, and from what. */
export const statefulSet = z.object({
  metadata,
  spec: z.object({
    replicas: z.number().optional(),
    ordinals: z.object({ start: z.number().optional() }).nullish(),
    template: z.object({
      metadata: z.object({ annotations: z.record(z.string(), z.string()).nullish() }).optional(),
    }),
  }),
  status: z.object({ currentRevision: z.string().optional(), updateRevision: z.string().optional() }).optional(),
});
export type StatefulSet = z.infer<typeof statefulSet>;
