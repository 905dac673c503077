import { describe, expect, it } from 'vitest';
import { findingsOf } from '../eligibility.ts';
import { agentOf, now, podWith } from '../move-fixture.ts';
import { builtIn } from '../policy/policy.ts';

describe('a pod', () => {
  it('on a node without an agent cannot be moved', () => {
    const said = (sourceNode: Parameters<typeof findingsOf>[0]['sourceNode']) =>
      findingsOf({ pod: podWith(), sourceNode, policy: builtIn, now })[0]?.message;
    expect(said(undefined)).toBe(
      'Pod default/web-1 runs on node n1, which cannot send it: no Transship agent has reported from it',
    );
    expect(said(agentOf('n1', { heartbeatTime: new Date(now - 60_000).toISOString() }))).toContain(
      'its agent has been silent for 60 s',
    );
  });
});
