import { describe, expect, it } from 'vitest';
import { type BoundClaim, persistentVolume, persistentVolumeClaim } from '../../api/persistent-volume.ts';
import { findingsOf } from '../eligibility.ts';
import { agentOf, now, podWith } from '../move-fixture.ts';
import { builtIn } from '../policy/policy.ts';

const boundTo = (volume: object | undefined, claimModes?: string[], name = 'web-data'): BoundClaim => ({
  claim: persistentVolumeClaim.parse({
    metadata: { name, namespace: 'default', uid: name, resourceVersion: '1' },
    spec: { accessModes: claimModes, volumeName: 'pv-7' },
  }),
  volume:
    volume && persistentVolume.parse({ metadata: { name: 'pv-7', uid: 'pv', resourceVersion: '1' }, spec: volume }),
});

const byKey = (...keys: string[]): object => ({
  required: { nodeSelectorTerms: [{ matchExpressions: keys.map((key) => ({ key, operator: 'In', values: ['a'] })) }] },
});

const findings = (claims: readonly BoundClaim[], ...volumes: { name: string; [type: string]: unknown }[]): string[] =>
  findingsOf({ pod: podWith({ spec: { volumes } }), sourceNode: agentOf('n1'), policy: builtIn, now, claims }).map(
    ({ reason, message }) => `${reason}: ${message}`,
  );

const data = { name: 'data', persistentVolumeClaim: { claimName: 'web-data' } };

describe('a pod whose claim is bound to a volume', () => {
  const local = 'VolumeIsLocal: Pod default/web-1 has a volume that lies on its node: data';
  const once = 'VolumeReadWriteOnce: Pod default/web-1 has a volume that one node at a time can mount: data';
  const other = 'VolumeNotSupported: Pod default/web-1 has a volume that cannot go along: data';

  it.each<[string, BoundClaim, string]>([
    [
      'that is local',
      boundTo({ local: { path: '/disk' }, accessModes: ['ReadWriteOnce'] }),
      `${local} (PersistentVolumeClaim web-data, PersistentVolume pv-7, local)`,
    ],
    [
      'that is a folder of a node',
      boundTo({ hostPath: { path: '/disk' } }),
      `${local} (PersistentVolumeClaim web-data, PersistentVolume pv-7, hostPath)`,
    ],
    [
      'that is for a node of some name',
      boundTo({ nodeAffinity: byKey('topology.kubernetes.io/zone', 'kubernetes.io/hostname') }),
      `${local} (PersistentVolumeClaim web-data, PersistentVolume pv-7, for nodes by kubernetes.io/hostname)`,
    ],
    [
      'that one node at a time can mount, in one zone',
      boundTo({ accessModes: ['ReadWriteOnce'], nodeAffinity: byKey('topology.kubernetes.io/zone') }),
      `${once} (PersistentVolumeClaim web-data, PersistentVolume pv-7, ReadWriteOnce)`,
    ],
    [
      'that one pod at a time can mount',
      boundTo({ accessModes: ['ReadWriteOncePod'] }),
      `${once} (PersistentVolumeClaim web-data, PersistentVolume pv-7, ReadWriteOncePod)`,
    ],
    [
      'that several nodes can mount, though the claim asks for less',
      boundTo({ accessModes: ['ReadWriteOnce', 'ReadWriteMany'] }, ['ReadWriteOnce']),
      `${once} (PersistentVolumeClaim web-data, PersistentVolume pv-7, ReadWriteOnce, ReadWriteMany)`,
    ],
    [
      'that several nodes can have as a device',
      boundTo({ accessModes: ['ReadWriteMany'], volumeMode: 'Block' }, ['ReadWriteMany']),
      `${other} (PersistentVolumeClaim web-data, PersistentVolume pv-7, ReadWriteMany, Block)`,
    ],
    [
      'that is not known, though the claim asks for several nodes',
      boundTo(undefined, ['ReadWriteMany']),
      `${other} (PersistentVolumeClaim web-data, ReadWriteMany)`,
    ],
    [
      'that does not say who can mount it',
      boundTo({}),
      `${other} (PersistentVolumeClaim web-data, PersistentVolume pv-7)`,
    ],
    [
      'that is not known, but what the claim asks for is',
      boundTo(undefined, ['ReadWriteOnce']),
      `${once} (PersistentVolumeClaim web-data, ReadWriteOnce)`,
    ],
  ])('%s cannot be moved', (_what, claim, expected) => {
    expect(findings([claim], data)).toEqual([expected]);
  });
});

describe('a pod whose claim is bound to a volume that several nodes can mount', () => {
  it.each<[string, string[], string[]]>([
    ['to write', ['ReadWriteMany'], ['ReadWriteMany']],
    ['to read', ['ReadOnlyMany'], ['ReadOnlyMany']],
    ['in more ways than one', ['ReadWriteOnce', 'ReadWriteMany'], ['ReadOnlyMany', 'ReadWriteMany']],
  ])('%s can be moved', (_what, accessModes, claimModes) => {
    const zone = byKey('topology.kubernetes.io/zone');
    expect(findings([boundTo({ accessModes, nodeAffinity: zone }, claimModes)], data)).toEqual([]);
    expect(findings([boundTo({ accessModes, volumeMode: 'Filesystem' }, claimModes)], data)).toEqual([]);
  });

  it('cannot when the claim was made for this very pod: the target would get another', () => {
    const claim = boundTo({ accessModes: ['ReadWriteMany'] }, ['ReadWriteMany'], 'web-1-scratch');
    expect(findings([claim], { name: 'scratch', ephemeral: { volumeClaimTemplate: {} } })).toEqual([
      'VolumeNotSupported: Pod default/web-1 has a volume that cannot go along: scratch (PersistentVolumeClaim web-1-scratch, PersistentVolume pv-7, ReadWriteMany)',
    ]);
  });
});

it('a volume that comes and goes with the pod is a claim too', () => {
  const claim = boundTo({ local: {} }, undefined, 'web-1-scratch');
  expect(findings([claim], { name: 'scratch', ephemeral: { volumeClaimTemplate: {} } })).toEqual([
    'VolumeIsLocal: Pod default/web-1 has a volume that lies on its node: scratch (PersistentVolumeClaim web-1-scratch, PersistentVolume pv-7, local)',
  ]);
});

it('each claim is named, under the reason that is its own', () => {
  const mount = (claimName: string) => ({ name: `v-${claimName}`, persistentVolumeClaim: { claimName } });
  const claims = [boundTo({ local: {} }, undefined, 'a'), boundTo({ accessModes: ['ReadWriteOnce'] }, undefined, 'b')];
  const said = findings(claims, mount('a'), mount('b'), mount('c'));
  expect(said.map((text) => text.replace(/ \(.*/, ''))).toEqual([
    'VolumeIsLocal: Pod default/web-1 has a volume that lies on its node: v-a',
    'VolumeReadWriteOnce: Pod default/web-1 has a volume that one node at a time can mount: v-b',
    'VolumeNotSupported: Pod default/web-1 has a volume that cannot go along: v-c',
  ]);
});
