import type { BoundClaim, PersistentVolume } from '../../api/persistent-volume.ts';
import type { Pod } from '../../api/pod.ts';
import { type Check, type EligibilityFacts, finding } from './check.ts';

interface Use {
  /** The name of the volume in the pod. */
  readonly name: string;
  readonly claimName: string;
}

/** The volumes of a pod that are claims. That of a generic ephemeral volume is called after both (KEP-1698). */
export const claimsUsedBy = ({ metadata, spec }: Pod): readonly Use[] =>
  (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [{ name, claimName: persistentVolumeClaim.claimName }];
    return ephemeral ? [{ name, claimName: `${metadata.name}-${name}` }] : [];
  });

const boundTo = ({ claimName }: Use, { claims }: EligibilityFacts): BoundClaim | undefined =>
  claims?.find(({ claim }) => claim.metadata.name === claimName);

const hostnameLabel = 'kubernetes.io/hostname';

/** What binds a volume to one node; undefined when nothing is seen to. */
const bondOf = (volume: PersistentVolume | undefined): string | undefined => {
  const { local, hostPath, nodeAffinity } = volume?.spec ?? {};
  if (local) return 'local';
  if (hostPath) return 'hostPath';
  const keys = (nodeAffinity?.required?.nodeSelectorTerms ?? []).flatMap(({ matchExpressions }) => matchExpressions);
  return keys.some((expression) => expression?.key === hostnameLabel) ? `for nodes by ${hostnameLabel}` : undefined;
};

/** Those of the volume count, as they do for the attach controller (IsMultiAttachAllowed in pkg/volume/util). */
const modesOf = ({ claim, volume }: BoundClaim): readonly string[] =>
  volume?.spec?.accessModes ?? claim.spec?.accessModes ?? [];

const severalNodes = ['ReadWriteMany', 'ReadOnlyMany'];

const isForOneNode = (bound: BoundClaim): boolean => {
  const modes = modesOf(bound);
  return modes.length > 0 && !modes.some((mode) => severalNodes.includes(mode));
};

type Standing = 'local' | 'once' | 'other';

const standingOf = (bound: BoundClaim | undefined): Standing => {
  if (bondOf(bound?.volume) !== undefined) return 'local';
  return bound && isForOneNode(bound) ? 'once' : 'other';
};

const details = (bound: BoundClaim | undefined): readonly string[] => {
  if (!bound) return [];
  const bond = bondOf(bound.volume);
  const volume = bound.volume && `PersistentVolume ${bound.volume.metadata.name}`;
  return [volume, bond ?? (modesOf(bound).join(', ') || undefined)].filter((part) => part !== undefined);
};

const useText = (use: Use, bound: BoundClaim | undefined): string =>
  `${use.name} (${[`PersistentVolumeClaim ${use.claimName}`, ...details(bound)].join(', ')})`;

/** The claims of a pod that stand so, each as a sentence names it. */
const claimsThatAre = (standing: Standing, facts: EligibilityFacts): readonly string[] =>
  claimsUsedBy(facts.pod)
    .map((use) => ({ use, bound: boundTo(use, facts) }))
    .filter(({ bound }) => standingOf(bound) === standing)
    .map(({ use, bound }) => useText(use, bound));

export const volumeIsLocal: Check = (facts) => {
  const claims = claimsThatAre('local', facts);
  return claims.length === 0
    ? undefined
    : finding('VolumeIsLocal', facts.pod, `has a volume that lies on its node: ${claims.join(', ')}`);
};

export const volumeIsReadWriteOnce: Check = (facts) => {
  const claims = claimsThatAre('once', facts);
  return claims.length === 0
    ? undefined
    : finding('VolumeReadWriteOnce', facts.pod, `has a volume that one node at a time can mount: ${claims.join(', ')}`);
};

/** Those that several nodes could mount, and those of which nothing is known. */
export const otherClaims = (facts: EligibilityFacts): readonly string[] => claimsThatAre('other', facts);
