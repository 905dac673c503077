import { describe, expect, it } from 'vitest';
import { delimiterPattern, linePattern } from './render/shiviz.ts';
import { faultsInLog } from './shiviz-rules.ts';

const sound = [
  linePattern,
  delimiterPattern,
  '',
  '=== shop/web ===',
  '2026-01-01T00:00:00.000Z webhook {"webhook":1} intercepts an eviction',
  '2026-01-01T00:00:00.010Z controller {"controller":1,"webhook":1} writes Inspecting',
  '2026-01-01T00:00:00.000Z agent-n1 {"agent-n1":1,"controller":1} freezes',
  '2026-01-01T00:00:00.030Z agent-n1.2 {"agent-n1.2":1,"agent-n1":1,"controller":1} thaws',
];

const logWith = (change: (lines: string[]) => void): string => {
  const lines = [...sound];
  change(lines);
  return `${lines.join('\n')}\n`;
};

const replacing = (from: string, to: string): string =>
  logWith((lines) => lines.splice(0, lines.length, ...sound.map((line) => line.replace(from, to))));
const adding = (...more: string[]): string => logWith((lines) => lines.push(...more));

describe('a log that ShiViz takes', () => {
  it.each([
    ['with every kind of host', logWith(() => undefined)],
    [
      'with what is known through another left out',
      replacing('"agent-n1":1,"controller":1} thaws', '"agent-n1":1,"controller":1} thaws'),
    ],
    ['whose lines are in another order', logWith((lines) => lines.push(...lines.splice(4, 4).reverse()))],
    ['with two executions', adding('=== shop/db ===', '- cli {"cli":1} asks')],
    ['with entries of nothing', replacing('{"webhook":1}', '{"webhook":1,"cli":0}')],
  ])('%s', (_what, log) => {
    expect(faultsInLog(log)).toEqual([]);
  });
});

describe('a broken log', () => {
  it.each<[string, string, RegExp]>([
    ['without expressions', 'hello', /no group "event"/],
    [
      'with an expression that is none',
      logWith((lines) => (lines[0] = '(?<event>(?<host>(?<clock>')),
      /no regular expression/,
    ],
    ['whose delimiter has no label', logWith((lines) => (lines[1] = '^===.*$')), /no group "trace"/],
    [
      'with two executions of one label',
      adding('=== shop/web ===', '- cli {"cli":1} asks'),
      /several executions are called "shop\/web"/,
    ],
    ['with an execution of nothing', adding('=== shop/db ==='), /"shop\/db" has no events/],
    ['of nothing at all', [linePattern, delimiterPattern, ''].join('\n'), /has no events/],
    ['with a line that is none', adding('and another thing'), /line 9 is not as the first line says/],
    ['with an event of two lines', replacing('intercepts an', 'intercepts\nan'), /is not as the first line says/],
    ['with a host with a blank', replacing('Z webhook', 'Z web hook'), /is not as the first line says/],
    ['with a clock that is no JSON', replacing('{"webhook":1}', '{webhook:1}'), /is no clock/],
    ['with a count in words', replacing('{"webhook":1}', '{"webhook":"1"}'), /is no clock/],
    ['with a count below nothing', replacing('{"webhook":1}', '{"webhook":1,"x":-1}'), /is no clock/],
    [
      'with an event that does not count itself',
      replacing('{"webhook":1}', '{"controller":1}'),
      /own host "webhook" is missing/,
    ],
    ['that counts from 0', replacing('{"webhook":1}', '{"webhook":0}'), /event 1 of webhook is numbered 0/],
    ['that counts from 2', replacing('{"webhook":1}', '{"webhook":2}'), /event 1 of webhook is numbered 2/],
    ['with a gap', adding('- webhook {"webhook":3} answers'), /event 2 of webhook is numbered 3/],
    ['with a number twice', adding('- webhook {"webhook":1} answers'), /event 2 of webhook is numbered 1/],
    [
      'with a host without events',
      adding('- cli {"cli":1,"scheduler":1} looks'),
      /event 1 of scheduler, which has no events/,
    ],
    [
      'that knows of what has not happened',
      adding('- cli {"cli":1,"webhook":2} looks'),
      /event 2 of webhook, which has 1/,
    ],
    ['of somebody who forgets', adding('- agent-n1 {"agent-n1":2} dumps'), /agent-n1 has forgotten something/],
    [
      'in which each was first',
      replacing('{"webhook":1}', '{"webhook":1,"agent-n1":1}'),
      /each of some events knows of the other/,
    ],
  ])('%s is refused', (_what, log, expected) => {
    expect(faultsInLog(log).join('\n')).toMatch(expected);
  });
});
