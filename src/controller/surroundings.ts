import type { BoundClaim, PersistentVolume, PersistentVolumeClaim } from '../api/persistent-volume.ts';
import type { Pod } from '../api/pod.ts';
import type { Lookup } from '../kube/lookup.ts';
import type { Surroundings } from '../migration/eligibility.ts';
import { claimsUsedBy } from '../migration/eligibility/claims.ts';
import type { Places } from '../migration/node-fit/candidate.ts';
import { everyCandidate, type KnownNodes } from '../scheduling/candidates.ts';

export interface KnownAround extends KnownNodes {
  readonly claims: Lookup<PersistentVolumeClaim>;
  readonly volumes: Lookup<PersistentVolume>;
}

/** What a pod depends on besides its own node, from memory: the webhook must not wait for an API server. */
export type SurroundingsOf = (pod: Pod) => Surroundings;

const claimsOf = (pod: Pod, { claims, volumes }: KnownAround): readonly BoundClaim[] =>
  claimsUsedBy(pod).flatMap(({ claimName }) => {
    const claim = claims.get({ namespace: pod.metadata.namespace, name: claimName });
    return claim ? [{ claim, volume: volumes.get({ name: claim.spec?.volumeName ?? '' }) }] : [];
  });

const placesOf = ({ spec: { nodeName: source = '' } }: Pod, known: KnownNodes): Places => ({
  sourceNode: known.nodes.get({ name: source }),
  candidates: everyCandidate(known),
});

export const surroundingsFrom =
  (known: KnownAround): SurroundingsOf =>
  (pod) => ({ claims: claimsOf(pod, known), places: placesOf(pod, known) });
