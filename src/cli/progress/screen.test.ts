import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTerminal, type TerminalStream } from './screen.ts';

/** Enough of a terminal: text, line breaks, going up, and clearing what is below. */
const screenOf = (size: { readonly columns: number; readonly rows: number }) => {
  let lines: string[] = [''];
  let row = 0;
  const put = (text: string): void => {
    for (const token of text.match(/\u001b\[\d*[A-J]|\r|\n|[^\u001b\r\n]+/g) ?? []) {
      if (token.endsWith('A') && token.startsWith('\u001b')) row -= Number(token.slice(2, -1));
      else if (token === '\u001b[0J') lines = [...lines.slice(0, row), ''];
      else if (token === '\n') {
        row += 1;
        lines[row] ??= '';
      } else if (token !== '\r') lines[row] = (lines[row] ?? '') + token;
    }
  };
  const stream: TerminalStream = { isTTY: true, ...size, write: put };
  return { stream, shown: () => lines.slice(0, -1) };
};

describe('what is drawn', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 12 });
  const drawings = fc.array(fc.array(line, { maxLength: 12 }), { minLength: 1, maxLength: 5 });

  it('replaces what was drawn before, and never more than the terminal has room for', () => {
    fc.assert(
      fc.property(drawings, (all) => {
        const { stream, shown } = screenOf({ columns: 8, rows: 6 });
        const { screens } = createTerminal(stream, stream);
        for (const lines of all) screens.out?.draw(lines);
        const last = all.at(-1) ?? [];
        expect(shown()).toHaveLength(Math.min(last.length, 5));
        for (const text of shown().slice(0, 4)) expect(text.length).toBeLessThanOrEqual(8);
        if (last.length <= 5)
          expect(shown()).toEqual(last.map((text) => (text.length > 8 ? `${text.slice(0, 7)}…` : text)));
      }),
    );
  });

  it('stays when a line comes in between, on whichever stream', () => {
    const { stream, shown } = screenOf({ columns: 20, rows: 20 });
    const terminal = createTerminal(stream, stream);
    terminal.screens.out?.draw(['table']);
    terminal.err('warning');
    terminal.screens.out?.draw(['table again']);
    terminal.screens.out?.draw(['table at last']);
    expect(shown()).toEqual(['table', 'warning', 'table at last']);
  });

  it('is nothing where no person watches', () => {
    const { screens } = createTerminal({ write: () => true }, { isTTY: false, write: () => true });
    expect(screens).toEqual({});
  });
});
