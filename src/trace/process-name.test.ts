import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actorIn, hostNames, isProcessName, nodeIn, processName } from './process-name.ts';

const node = fc.constantFrom('n1', 'n1.2', 'n1.2.2', 'ip-10-0-0-1.example');
const actor = fc.oneof(
  fc.constantFrom('webhook' as const, 'controller' as const, 'scheduler' as const, 'cli' as const),
  node.map((name) => `agent-${name}` as const),
);
const run = fc.stringMatching(/^[0-9a-f]{8}$/);
const process = fc.tuple(actor, run).map(([of, number]) => processName(of, number));

it('a process has the name of its actor in its own', () => {
  fc.assert(
    fc.property(actor, run, (of, number) => {
      const name = processName(of, number);
      expect([isProcessName(name), actorIn(name)]).toEqual([true, of]);
    }),
  );
});

it.each([
  ['agent-n1@0123abcd', 'n1'],
  ['agent-ip-10-0-0-1.example@0123abcd-3', 'ip-10-0-0-1.example'],
  ['controller@0123abcd', undefined],
])('the node of %s is %s', (name, expected) => {
  expect(nodeIn(name)).toBe(expected);
});

describe('names for readers', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['are those of the actors', ['cli@00000001', 'agent-n1@00000002'], ['cli', 'agent-n1']],
    ['count the processes of one actor', ['cli@00000003', 'cli@00000001', 'cli@00000002'], ['cli', 'cli.2', 'cli.3']],
    [
      'leave a node its own name',
      ['agent-n1@00000001', 'agent-n1@00000002', 'agent-n1.2@00000003'],
      ['agent-n1', 'agent-n1.3', 'agent-n1.2'],
    ],
  ])('%s', (_what, processes, expected) => {
    expect([...hostNames(processes).values()]).toEqual(expected);
  });

  it('are never given twice, and have no blanks', () => {
    fc.assert(
      fc.property(fc.uniqueArray(process, { maxLength: 12 }), (processes) => {
        const names = hostNames(processes);
        expect([...names.keys()]).toEqual(processes);
        expect(new Set(names.values()).size).toBe(processes.length);
        for (const name of names.values()) expect(name).toMatch(/^\S+$/);
      }),
    );
  });
});
