import { describe, expect, it } from 'vitest';
import { assemble } from './assemble.ts';
import type { TraceEvent } from './event.ts';
import { missingIn } from './missing.ts';
import { mermaidDiagram } from './render/mermaid.ts';
import { shivizLog } from './render/shiviz.ts';
import { faultsInLog } from './shiviz-rules.ts';

const move = { namespace: 'shop', name: 'web', uid: 'm' };
const [controller, agent, restarted] = ['controller@00000001', 'agent-n1@00000002', 'agent-n1@00000003'];

const event = (actor: string, second: number, label: string, clock: TraceEvent['clock']): TraceEvent => ({
  migration: 'm',
  ...{ actor, clock, label },
  time: `2026-01-01T00:00:${String(second).padStart(2, '0')}.000Z`,
});

const events = [
  event(controller, 5, 'writes Inspecting', { [controller]: 1 }),
  // The clock of its node is behind.
  event(agent, 1, 'writes source', { [agent]: 1, [controller]: 1 }),
  event(restarted, 2, 'writes Failed', { [restarted]: 1, [agent]: 1, [controller]: 1 }),
];

const labels = (given: readonly TraceEvent[], known: TraceEvent['clock'] = {}): readonly string[] =>
  assemble(move, given, known).events.map(({ host, label }) => `${host} ${label}`);

const lost = 'did something that no log has';

describe('what logs have of one move', () => {
  it('stands in the order of causes, whatever the clocks of the nodes say', () => {
    expect(labels(events.toReversed())).toEqual([
      'controller writes Inspecting',
      'agent-n1 writes source',
      'agent-n1.2 writes Failed',
    ]);
  });

  it.each<[string, readonly TraceEvent[], TraceEvent['clock'], readonly string[]]>([
    ['the first events of a process', [event(agent, 1, 'b', { [agent]: 3 })], {}, [lost, lost, 'b']],
    [
      'one in the middle',
      [event(agent, 1, 'a', { [agent]: 1 }), event(agent, 2, 'c', { [agent]: 3 })],
      {},
      ['a', lost, 'c'],
    ],
    ['the last ones, of which the record knows', [event(agent, 1, 'a', { [agent]: 1 })], { [agent]: 2 }, ['a', lost]],
    [
      'a whole process, of which another knows',
      [event(agent, 1, 'a', { [agent]: 1, [controller]: 1 })],
      {},
      [lost, 'a'],
    ],
  ])('says where it misses %s', (_what, given, known, expected) => {
    const trace = assemble(move, given, known);
    expect(trace.events.map(({ label }) => label)).toEqual(expected);
    expect(faultsInLog(shivizLog(trace).join('\n'))).toEqual([]);
    expect(missingIn(trace)).toEqual([expect.stringMatching(/of the \d events|all \d events/)]);
  });

  it('does not believe in events that nobody can have had', () => {
    const trace = assemble(move, [event(agent, 1, 'a', { [agent]: 1, [controller]: 5_000 })], { [restarted]: 200 });
    expect(trace.events).toMatchObject([{ host: 'agent-n1', clock: { 'agent-n1': 1 } }]);
    expect(missingIn(trace)).toEqual([
      'somebody claims events of agent-n1@00000003 that it cannot have had',
      'somebody claims events of controller@00000001 that it cannot have had',
    ]);
  });

  it('is shown, and doubted, where clocks contradict each other', () => {
    const given = [
      event(agent, 1, 'a', { [agent]: 1, [controller]: 1 }),
      event(controller, 2, 'b', { [controller]: 1, [agent]: 1 }),
    ];
    expect(labels(given)).toEqual(['agent-n1 a', 'controller b']);
    expect(missingIn(assemble(move, given, {}))).toEqual([expect.stringContaining('contradict')]);
  });

  it('is nothing where there is nothing', () => {
    expect(assemble(move, [], {})).toEqual({ move, hosts: [], events: [], doubts: [] });
  });
});

describe('a trace', () => {
  const strange = event(controller, 1, 'writes\nFailed;# done', { [controller]: 1 });

  it('is a log for ShiViz, one line an event', () => {
    const lines = shivizLog(assemble(move, [...events, { ...strange, clock: { [controller]: 2 } }], {}));
    expect(lines.slice(2, 4)).toEqual(['', '=== shop/web m ===']);
    expect(faultsInLog(lines.join('\n'))).toEqual([]);
    expect(lines.slice(4)).toContain('2026-01-01T00:00:01.000Z controller {"controller":2} writes Failed;# done');
  });

  it('is a diagram for mermaid, with an arrow from whom each has heard directly', () => {
    expect(mermaidDiagram(assemble(move, [...events, { ...strange, clock: { [controller]: 2 } }], {}))).toEqual([
      'sequenceDiagram',
      '  participant h1 as controller',
      '  participant h2 as agent-n1',
      '  participant h3 as agent-n1.2',
      '  Note over h1: writes Inspecting',
      '  h1->>h2: writes source',
      '  Note over h1: writes Failed done',
      '  h2->>h3: writes Failed',
    ]);
  });
});
