import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/pod.ts';
import { podWith } from '../move-fixture.ts';
import { container, findings } from './finding-fixture.ts';

describe('a pod', () => {
  it.each<[string, Pod, string]>([
    [
      'with a GPU',
      podWith({
        spec: container({ resources: { limits: { 'nvidia.com/gpu': 1 }, requests: { 'gpu.intel.com/i915': '1' } } }),
      }),
      'GPUUsed: Pod default/web-1 uses a GPU: gpu.intel.com/i915, nvidia.com/gpu',
    ],
    [
      'with a slice of a GPU',
      podWith({ spec: container({ resources: { limits: { 'nvidia.com/mig-1g.5gb': 1 } } }) }),
      'GPUUsed: Pod default/web-1 uses a GPU: nvidia.com/mig-1g.5gb',
    ],
    [
      'with a device',
      podWith({ spec: container({ resources: { limits: { 'example.com/sriov': 1 } } }) }),
      'DeviceUsed: Pod default/web-1 uses example.com/sriov',
    ],
    [
      'with a block volume and a claim',
      podWith({ spec: { ...container({ volumeDevices: [{}] }), resourceClaims: [{}] } }),
      'DeviceUsed: Pod default/web-1 uses a block volume, a resource claim',
    ],
  ])('%s cannot be moved', (_name, pod, expected) => {
    expect(findings(pod)).toEqual([expected]);
  });
});
