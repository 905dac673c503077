import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LogFormat, parseLogLine, translateLog } from './log-line.ts';

const time = '2026-01-01T00:00:00.123456789Z';

describe('a line of a log', () => {
  it.each<[string, string, LogFormat, string]>([
    [
      'of containerd is one of Docker',
      `${time} stdout F Ready to accept connections`,
      'json-file',
      `{"log":"Ready to accept connections\\n","stream":"stdout","time":"${time}"}\n`,
    ],
    [
      'of Docker is one of containerd',
      `{"log":"no\\n","stream":"stderr","time":"${time}"}`,
      'cri',
      `${time} stderr F no\n`,
    ],
    ['of containerd stays one', `${time} stderr F  two  spaces`, 'cri', `${time} stderr F  two  spaces\n`],
    ['that is empty stays so', `${time} stdout F `, 'json-file', `{"log":"\\n","stream":"stdout","time":"${time}"}\n`],
    [
      'in pieces stays in pieces',
      `${time} stdout P half`,
      'json-file',
      `{"log":"half","stream":"stdout","time":"${time}"}\n`,
    ],
  ])('%s', (_what, line, format, expected) => {
    expect(translateLog([line], format)).toBe(expected);
  });

  it.each(['', 'garbage', '{"log":1}', '{', `${time} stdin F x`, '{"log":"x\\n","stream":"stdin","time":"t"}'])(
    'that no runtime has written is left out: %s',
    (line) => {
      expect(translateLog([line], 'cri')).toBe('');
    },
  );

  it('says the same after any number of moves', () => {
    const text = fc.string({ unit: 'binary' }).filter((s) => !s.includes('\n'));
    fc.assert(
      fc.property(text, fc.constantFrom('stdout', 'stderr'), fc.boolean(), (words, stream, isWhole) => {
        const first = translateLog([JSON.stringify({ log: isWhole ? `${words}\n` : words, stream, time })], 'cri');
        const second = translateLog([first.slice(0, -1)], 'json-file');
        expect(parseLogLine(second.slice(0, -1))).toEqual({ time, stream, text: words, isWhole });
      }),
    );
  });
});
