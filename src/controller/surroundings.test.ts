import { expect, it } from 'vitest';
import { podWith } from '../api/pod-fixture.ts';
import { migrationWith } from '../api/pod-fixture.ts';
import { lookupOf } from '../kube/fake-lookup.ts';
import { agentOf, nodeNamed } from '../scheduling/node-fixture.ts';
import { surroundingsFrom } from './surroundings.ts';

it('a pod has all nodes around it, each with its agent and the moves that go to it', () => {
  const coming = migrationWith({ status: { phase: 'Moving', target: { podName: 'a', nodeName: 'w2' } } });
  const [w1, w2] = [nodeNamed('w1'), nodeNamed('w2')];
  const known = { nodes: lookupOf(w1, w2), migrationNodes: lookupOf(agentOf('w2')), migrations: lookupOf(coming) };
  expect(surroundingsFrom(known)(podWith()).places).toEqual({
    sourceNode: w1,
    candidates: [
      { name: 'w1', node: w1, agent: undefined, inbound: 0 },
      { name: 'w2', node: w2, agent: agentOf('w2'), inbound: 1 },
    ],
  });
});
