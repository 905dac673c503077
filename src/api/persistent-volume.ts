import { z } from 'zod';
import { metadata } from './metadata.ts';

/** The parts of claims and volumes that say where they can be mounted. Strict, because the controller keeps all of them in memory. */

const accessModes = z.array(z.string()).optional();
/** `Filesystem` when it is not there; or `Block`. */
const volumeMode = z.string().optional();

export const persistentVolumeClaim = z.object({
  metadata,
  spec: z.object({ accessModes, volumeMode, volumeName: z.string().optional() }).optional(),
});
export type PersistentVolumeClaim = z.infer<typeof persistentVolumeClaim>;

const nodeSelectorTerm = z.object({ matchExpressions: z.array(z.object({ key: z.string() })).optional() });

export const persistentVolume = z.object({
  metadata,
  spec: z
    .object({
      accessModes,
      volumeMode,
      local: z.object({}).optional(),
      hostPath: z.object({}).optional(),
      nodeAffinity: z
        .object({ required: z.object({ nodeSelectorTerms: z.array(nodeSelectorTerm).optional() }).optional() })
        .optional(),
    })
    .optional(),
});
export type PersistentVolume = z.infer<typeof persistentVolume>;

/** A claim and, once it is bound, what it is bound to. */
export interface BoundClaim {
  readonly claim: PersistentVolumeClaim;
  readonly volume: PersistentVolume | undefined;
}
