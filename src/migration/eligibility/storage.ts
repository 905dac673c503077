import type { Pod } from '../../api/pod.ts';
import { type Check, finding } from './check.ts';
import { otherClaims } from './claims.ts';

type Volume = NonNullable<Pod['spec']['volumes']>[number];

/** Volumes whose content the API server gives to any node, or (emptyDir) that the agents carry along. */
const supportedVolumes: readonly string[] = ['configMap', 'secret', 'projected', 'downwardAPI', 'emptyDir'];

/** Types with findings of their own are not reported twice. */
const reportedElsewhere: readonly string[] = ['hostPath', 'persistentVolumeClaim', 'ephemeral'];

/** A volume is its name and one field, called after its type. */
const typeOf = (volume: Volume): string =>
  Object.keys(volume).find((field) => field !== 'name' && volume[field] !== undefined && volume[field] !== null) ??
  'emptyDir';

export const usesHostPath: Check = ({ pod }) => {
  const volumes = (pod.spec.volumes ?? []).flatMap(({ name, hostPath }) =>
    hostPath ? [`${name} (${hostPath.path})`] : [],
  );
  return volumes.length === 0
    ? undefined
    : finding('HostPathUsed', pod, `mounts a hostPath of its node: ${volumes.join(', ')}`);
};

export const hasUnsupportedVolume: Check = (facts) => {
  const { pod } = facts;
  const others = (pod.spec.volumes ?? [])
    .filter((volume) => ![...supportedVolumes, ...reportedElsewhere].includes(typeOf(volume)))
    .map((volume) => `${volume.name} (${typeOf(volume)})`);
  const unsupported = [...otherClaims(facts), ...others];
  return unsupported.length === 0
    ? undefined
    : finding('VolumeNotSupported', pod, `has a volume that cannot go along: ${unsupported.join(', ')}`);
};
