import type { Container } from '../../api/pod.ts';
import { type Check, finding } from './check.ts';

/** Volumes whose content the API server gives to any node, or (emptyDir) that the agents carry along. */
const supportedVolumes: readonly string[] = ['configMap', 'secret', 'projected', 'downwardAPI', 'emptyDir'];

/** A volume is its name and one field, called after its type. */
const typeOf = (volume: Readonly<Record<string, unknown>>): string =>
  Object.keys(volume).find((field) => field !== 'name' && volume[field] !== undefined && volume[field] !== null) ??
  'emptyDir';

export const hasUnsupportedVolume: Check = ({ pod }) => {
  const unsupported = (pod.spec.volumes ?? [])
    .filter((volume) => !supportedVolumes.includes(typeOf(volume)))
    .map((volume) => `${volume.name} (${typeOf(volume)})`);
  return unsupported.length === 0
    ? undefined
    : finding('VolumeNotSupported', pod, `has a volume that cannot go along: ${unsupported.join(', ')}`);
};

/** Resources that every node hands out by itself; all others come from a device plugin. */
const isOrdinary = (resource: string): boolean =>
  ['cpu', 'memory', 'ephemeral-storage', 'pods'].includes(resource) || resource.startsWith('hugepages-');

const devicesOf = (container: Container): string[] => [
  ...Object.keys({ ...container.resources?.requests, ...container.resources?.limits }).filter(
    (resource) => !isOrdinary(resource),
  ),
  ...((container.resources?.claims?.length ?? 0) > 0 ? ['a resource claim'] : []),
  ...((container.volumeDevices?.length ?? 0) > 0 ? ['a block volume'] : []),
];

export const usesDevice: Check = ({ pod }) => {
  const inContainers = pod.spec.containers.flatMap(devicesOf);
  const devices = [
    ...new Set([...inContainers, ...((pod.spec.resourceClaims?.length ?? 0) > 0 ? ['a resource claim'] : [])]),
  ];
  return devices.length === 0 ? undefined : finding('DeviceUsed', pod, `uses ${devices.join(', ')}`);
};
