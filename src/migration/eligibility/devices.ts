import { type Container, lastingContainersOf, type Pod } from '../../api/pod.ts';
import { type Check, finding } from './check.ts';

/** Resources that every node hands out by itself; all others come from a device plugin. */
const isOrdinary = (resource: string): boolean =>
  ['cpu', 'memory', 'ephemeral-storage', 'pods'].includes(resource) || resource.startsWith('hugepages-');

/** nvidia.com/gpu, nvidia.com/mig-1g.5gb, amd.com/gpu, gpu.intel.com/i915, gpu.intel.com/xe. */
const isGPU = (resource: string): boolean => /\bgpu\b|\/mig-/i.test(resource);

const extendedResources = ({ resources }: Container): string[] =>
  Object.keys({ ...resources?.requests, ...resources?.limits }).filter((resource) => !isOrdinary(resource));

const resourcesOf = (pod: Pod): readonly string[] => [...new Set(lastingContainersOf(pod).flatMap(extendedResources))];

/** What a driver keeps in the device and for it in the kernel is in no image. */
export const usesGPU: Check = ({ pod }) => {
  const gpus = resourcesOf(pod).filter(isGPU);
  return gpus.length === 0 ? undefined : finding('GPUUsed', pod, `uses a GPU: ${gpus.join(', ')}`);
};

const otherDevices = (container: Container): string[] => [
  ...((container.resources?.claims?.length ?? 0) > 0 ? ['a resource claim'] : []),
  ...((container.volumeDevices?.length ?? 0) > 0 ? ['a block volume'] : []),
];

export const usesDevice: Check = ({ pod }) => {
  const devices = new Set([
    ...resourcesOf(pod).filter((resource) => !isGPU(resource)),
    ...lastingContainersOf(pod).flatMap(otherDevices),
    ...((pod.spec.resourceClaims?.length ?? 0) > 0 ? ['a resource claim'] : []),
  ]);
  return devices.size === 0 ? undefined : finding('DeviceUsed', pod, `uses ${[...devices].join(', ')}`);
};
