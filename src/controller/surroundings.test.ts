import { describe, expect, it } from 'vitest';
import { persistentVolume, persistentVolumeClaim } from '../api/persistent-volume.ts';
import { migrationWith, podWith } from '../api/pod-fixture.ts';
import { lookupOf } from '../kube/fake-lookup.ts';
import { agentOf, nodeNamed } from '../scheduling/node-fixture.ts';
import { type KnownAround, surroundingsFrom } from './surroundings.ts';

const nothing: KnownAround = {
  nodes: lookupOf(),
  migrationNodes: lookupOf(),
  migrations: lookupOf(),
  claims: lookupOf(),
  volumes: lookupOf(),
};

describe('a pod has around it', () => {
  it('all nodes, each with its agent and the moves that go to it', () => {
    const coming = migrationWith({ status: { phase: 'Moving', target: { podName: 'a', nodeName: 'w2' } } });
    const [w1, w2] = [nodeNamed('w1'), nodeNamed('w2')];
    const known = { nodes: lookupOf(w1, w2), migrationNodes: lookupOf(agentOf('w2')), migrations: lookupOf(coming) };
    const { sourceNode, candidates = [] } = surroundingsFrom({ ...nothing, ...known })(podWith()).places ?? {};
    expect(sourceNode).toBe(w1);
    expect([...candidates]).toEqual([
      { name: 'w1', node: w1, agent: undefined, inbound: 0 },
      { name: 'w2', node: w2, agent: agentOf('w2'), inbound: 1 },
    ]);
  });

  it('its claims, each with the volume that it is bound to', () => {
    const metadata = (name: string) => ({ name, uid: name, resourceVersion: '1' });
    const claimNamed = (name: string, namespace: string, volumeName?: string) =>
      persistentVolumeClaim.parse({ metadata: { ...metadata(name), namespace }, spec: { volumeName } });
    const volume = persistentVolume.parse({ metadata: metadata('pv-7') });
    const [bound, unbound] = [claimNamed('a', 'shop', 'pv-7'), claimNamed('b', 'shop')];
    const known = { claims: lookupOf(claimNamed('a', 'other'), bound, unbound), volumes: lookupOf(volume) };
    const volumes = ['a', 'b', 'c'].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
    expect(surroundingsFrom({ ...nothing, ...known })(podWith({ spec: { volumes } })).claims).toEqual([
      { claim: bound, volume },
      { claim: unbound, volume: undefined },
    ]);
  });
});
