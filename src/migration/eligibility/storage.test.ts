import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/pod.ts';
import { podWith } from '../move-fixture.ts';
import { findings } from './finding-fixture.ts';

describe('a pod', () => {
  it.each<[string, Pod, string]>([
    [
      'with a folder of its node',
      podWith({ spec: { volumes: [{ name: 'logs', hostPath: { path: '/var/log' } }] } }),
      'HostPathUsed: Pod default/web-1 mounts a hostPath of its node: logs (/var/log)',
    ],
    [
      'with volumes of other kinds',
      podWith({
        spec: {
          volumes: [
            { name: 'share', nfs: {} },
            { name: 'secrets', csi: {} },
          ],
        },
      }),
      'VolumeNotSupported: Pod default/web-1 has a volume that cannot go along: share (nfs), secrets (csi)',
    ],
    [
      'with a claim that nobody has looked at',
      podWith({ spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'web' } }] } }),
      'VolumeNotSupported: Pod default/web-1 has a volume that cannot go along: data (PersistentVolumeClaim web)',
    ],
  ])('%s cannot be moved', (_name, pod, expected) => {
    expect(findings(pod)).toEqual([expected]);
  });
});
