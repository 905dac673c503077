import { describe, expect, it } from 'vitest';
import { findingsOf } from '../eligibility.ts';
import { agentOf, now, podWith } from '../move-fixture.ts';
import type { Candidate } from '../node-fit/candidate.ts';
import { builtIn } from '../policy/policy.ts';

describe('a pod', () => {
  describe('with nodes around it', () => {
    const nodeOf = (name: string, changes: Partial<Candidate> = {}): Candidate => ({
      name,
      node: { metadata: { name, uid: name, resourceVersion: '1' } },
      agent: agentOf(name),
      inbound: 0,
      ...changes,
    });
    const cordoned = (name: string, changes: Partial<Candidate> = {}): Candidate =>
      nodeOf(name, { node: { ...nodeOf(name).node!, spec: { unschedulable: true } }, ...changes });
    const weak = (name: string): Partial<Candidate> => ({ agent: agentOf(name, { criuVersion: '3.17' }) });
    const said = (candidates: readonly Candidate[], sourceNode = agentOf('n1')) =>
      findingsOf({
        pod: podWith(),
        sourceNode,
        policy: builtIn,
        now,
        places: { sourceNode: undefined, candidates },
      }).map(({ reason, message }) => `${reason}: ${message}`);

    it.each<[string, Candidate[]]>([
      ['one of which fits', [nodeOf('n1'), nodeOf('n2', weak('n2')), nodeOf('n3')]],
      ['one of which may fit later', [nodeOf('n1'), nodeOf('n2', weak('n2')), cordoned('n3')]],
      ['that take as many moves as they may', [nodeOf('n1'), nodeOf('n2', { inbound: 2 })]],
    ])('%s can be moved', (_what, candidates) => {
      expect(said(candidates)).toEqual([]);
    });

    it('none of which ever fits, cannot, and hears why for each', () => {
      const candidates = [
        nodeOf('n1'),
        nodeOf('n2', weak('n2')),
        cordoned('n3', weak('n3')),
        nodeOf('n4', { agent: undefined }),
      ];
      expect(said(candidates)).toEqual([
        "NoNodeFits: Pod default/web-1 fits on none of the 3 other nodes: NodeCRIUTooOld: has CRIU 3.17, older than the source's 4.2.1 (n2, n3); NodeCordoned: is cordoned (n3); NodeHasNoAgent: has no usable Transship agent (no Transship agent has reported from it) (n4)",
      ]);
    });

    it('of which there is none but its own, cannot', () => {
      expect(said([nodeOf('n1')])).toEqual(['NoNodeFits: Pod default/web-1 has no other node to go to']);
    });

    it('is told of some of many nodes only', () => {
      const candidates = Array.from({ length: 5_000 }, (_, i) => nodeOf(`w${i}`, weak(`w${i}`)));
      expect(said(candidates)[0]).toMatch(/ \(w0, w1, .*, w9 and 4990 more\)$/);
    });

    it('hears nothing of them while nothing is known of its own', () => {
      const silent = agentOf('n1', { ready: false, message: 'no CRIU' });
      expect(said([nodeOf('n1')], silent).map((text) => text.split(':')[0])).toEqual(['SourceNodeHasNoAgent']);
    });
  });
});
