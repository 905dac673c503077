import type { BoundClaim, PersistentVolume } from '../../api/persistent-volume.ts';
import type { Pod } from '../../api/pod.ts';
import { type Check, type EligibilityFacts, finding } from './check.ts';

interface Use {
  /** The name of the volume in the pod. */
  readonly name: string;
  readonly claimName: string;
  /** Made for this pod, so that the target would get another (KEP-1698). */
  readonly isEphemeral: boolean;
}

/** The volumes of a pod that are claims. That of a generic ephemeral volume is called after both (KEP-1698). */
export const claimsUsedBy = ({ metadata, spec }: Pod): readonly Use[] =>
  (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }): readonly Use[] => {
    if (persistentVolumeClaim) return [{ name, claimName: persistentVolumeClaim.claimName, isEphemeral: false }];
    return ephemeral ? [{ name, claimName: `${metadata.name}-${name}`, isEphemeral: true }] : [];
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

/** What it is made for, and what its user asked for; nothing is said of a volume that is not known. */
const modesOf = ({ claim, volume }: BoundClaim): readonly (readonly string[])[] =>
  [volume?.spec?.accessModes, claim.spec?.accessModes].filter((modes) => modes !== undefined);

const severalNodes: ReadonlySet<string> = new Set(['ReadWriteMany', 'ReadOnlyMany']);

const areForSeveral = (modes: readonly string[]): boolean => modes.some((mode) => severalNodes.has(mode));

const isForOneNode = (bound: BoundClaim): boolean =>
  modesOf(bound).some((modes) => modes.length > 0 && !areForSeveral(modes));

/**
 * The attach controller asks the volume alone (IsMultiAttachAllowed in pkg/volume/util): a claim that asks for one node is
 * its user's word that the program is not made for two.
 */
const isShared = ({ claim, volume }: BoundClaim): boolean =>
  areForSeveral(volume?.spec?.accessModes ?? []) && areForSeveral(claim.spec?.accessModes ?? []);

const isBlockDevice = ({ claim, volume }: BoundClaim): boolean =>
  [claim.spec?.volumeMode, volume?.spec?.volumeMode].includes('Block');

/** `shared` goes along: the target mounts it as well. */
type Standing = 'local' | 'once' | 'shared' | 'other';

const standingOf = ({ isEphemeral }: Use, bound: BoundClaim | undefined): Standing => {
  if (!bound) return 'other';
  if (bondOf(bound.volume) !== undefined) return 'local';
  if (isForOneNode(bound)) return 'once';
  return isShared(bound) && !isEphemeral && !isBlockDevice(bound) ? 'shared' : 'other';
};

const details = (bound: BoundClaim | undefined): readonly string[] => {
  if (!bound) return [];
  const bond = bondOf(bound.volume);
  const volume = bound.volume && `PersistentVolume ${bound.volume.metadata.name}`;
  const modes = [...new Set(modesOf(bound).flat())];
  const device = isBlockDevice(bound) ? ['Block'] : [];
  return [volume, ...(bond === undefined ? [...modes, ...device] : [bond])].filter((part) => part !== undefined);
};

const useText = (use: Use, bound: BoundClaim | undefined): string =>
  `${use.name} (${[`PersistentVolumeClaim ${use.claimName}`, ...details(bound)].join(', ')})`;

/** The claims of a pod that stand so, each as a sentence names it. */
const claimsThatAre = (standing: Standing, facts: EligibilityFacts): readonly string[] =>
  claimsUsedBy(facts.pod)
    .map((use) => ({ use, bound: boundTo(use, facts) }))
    .filter(({ use, bound }) => standingOf(use, bound) === standing)
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

/** Those of which nothing is known, and those that cannot go along for another reason. */
export const otherClaims = (facts: EligibilityFacts): readonly string[] => claimsThatAre('other', facts);
