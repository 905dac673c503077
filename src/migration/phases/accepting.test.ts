import { describe, expect, it } from 'vitest';
import type { Facts } from '../facts.ts';
import { message, plan } from '../decision-fixture.ts';
import { agentOf, lineBeside, migrationWith, nodeWith, podWith, source } from '../move-fixture.ts';

const ended = (['Pending', 'Failed', 'Cancelled'] as const).map((phase) => migrationWith({ phase, source }));

describe('a Migration that waits', () => {
  it.each<[string, Partial<Facts>, string[]]>([
    [
      'is held before anything is made for it',
      { migration: migrationWith(undefined, {}, { finalizers: [] }) },
      ['patchMigration'],
    ],
    ['is accepted when nothing speaks against it', {}, ['write Inspecting Accepted', 'tell Accepted']],
    ['fails when the pod does not exist', { source: undefined }, ['write Failed PodNotFound']],
    [
      'fails when the pod is another one by now',
      { migration: migrationWith(undefined, { podUID: 'old' }) },
      ['write Failed PodNotFound'],
    ],
    [
      'fails with every reason',
      { source: podWith({ spec: { hostNetwork: true, hostPID: true } }) },
      ['write Failed HostNetworkUsed'],
    ],
    [
      'fails when the wished node does not exist',
      { migration: migrationWith(undefined, { targetNodeName: 'n9' }) },
      ['write Failed TargetNodeNotFound'],
    ],
    [
      'fails when the wished node is the source',
      {
        migration: migrationWith(undefined, { targetNodeName: 'n1' }),
        wantedNode: { node: nodeWith('n1'), agent: agentOf('n1') },
      },
      ['write Failed TargetNodeIsSource'],
    ],
    [
      'fails when the wished node has no agent',
      {
        migration: migrationWith(undefined, { targetNodeName: 'n2' }),
        wantedNode: { node: nodeWith('n2'), agent: undefined },
      },
      ['write Failed TargetNodeHasNoAgent'],
    ],
    [
      'is accepted when the wished node has one',
      {
        migration: migrationWith(undefined, { targetNodeName: 'n2' }),
        wantedNode: { node: nodeWith('n2'), agent: agentOf('n2') },
      },
      ['write Inspecting Accepted', 'tell Accepted'],
    ],
    [
      'waits while the same pod is being moved',
      { others: [migrationWith({ phase: 'Preparing', source })] },
      ['write Pending Waiting', 'lookAgain'],
    ],
    [
      'waits for room on its node',
      {
        line: lineBeside(
          ...[1, 2].map(() => migrationWith({ phase: 'Moving', source: { nodeName: 'n1', podUID: 'x' } })),
        ),
      },
      ['write Pending Waiting', 'lookAgain'],
    ],
    [
      'waits for room in the cluster',
      {
        line: lineBeside(
          ...Array.from({ length: 10 }, (_, n) =>
            migrationWith({ phase: 'Moving', source: { nodeName: `x${n}`, podUID: 'x' } }),
          ),
        ),
      },
      ['write Pending Waiting', 'lookAgain'],
    ],
    [
      'does not wait for those that wait or have ended',
      { others: ended, line: lineBeside(...ended) },
      ['write Inspecting Accepted', 'tell Accepted'],
    ],
  ])('%s', (_name, facts, expected) => {
    expect(plan(facts)).toEqual(expected);
  });

  it('says every reason in one message', () => {
    expect(message({ source: podWith({ spec: { hostNetwork: true, hostPID: true } }) })).toBe(
      'HostNetworkUsed: Pod default/web-1 uses hostNetwork; HostPIDUsed: Pod default/web-1 uses hostPID',
    );
  });

  it('says only once why it waits', () => {
    const others = [migrationWith({ phase: 'Preparing', source })];
    const said = message({ others }) ?? '';
    expect(said).toBe('the Migration move is moving this pod');
    expect(plan({ others, migration: migrationWith({ reason: 'Waiting', message: said }) })).toEqual(['lookAgain']);
  });
});
