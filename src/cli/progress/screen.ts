import type { Screen, Terminal } from '../terminal.ts';

/** Control sequences of ECMA-48, which every terminal knows that is still in use. */
const escape = '\u001b[';
const upBy = (lines: number): string => (lines === 0 ? '' : `${escape}${lines}A`);
const clearBelow = `${escape}0J`;

interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** One end of the command line, as `process.stdout` and `process.stderr` are. */
export interface TerminalStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

/** A terminal that does not say how large it is; the first ones had as much. */
const usual: Size = { columns: 80, rows: 24 };

/** A line that wraps, or one too many, would scroll what is to be drawn over out of reach. */
const fitted = (lines: readonly string[], { columns, rows }: Size): readonly string[] => {
  const room = Math.max(1, rows - 1);
  const left = lines.length - room;
  const shown = left > 0 ? [...lines.slice(0, room - 1), `… and ${left + 1} more`] : lines;
  return shown.map((line) => (line.length > columns ? `${line.slice(0, Math.max(0, columns - 1))}…` : line));
};

const createScreen = (stream: TerminalStream): Screen & { leave(): void } => {
  let drawn = 0;
  // Asked for each time: a person may change it.
  const size = (): Size => ({ columns: stream.columns ?? usual.columns, rows: stream.rows ?? usual.rows });
  return {
    columns: () => size().columns,
    draw(lines) {
      const shown = fitted(lines, size());
      stream.write(`${upBy(drawn)}\r${clearBelow}${shown.map((line) => `${line}\n`).join('')}`);
      drawn = shown.length;
    },
    leave() {
      drawn = 0;
    },
  };
};

/** The terminal of a process. Both streams may be the same one, so a line on either leaves what was drawn on both. */
export const createTerminal = (stdout: TerminalStream, stderr: TerminalStream): Terminal => {
  const out = stdout.isTTY === true ? createScreen(stdout) : undefined;
  const err = stderr.isTTY === true ? createScreen(stderr) : undefined;
  const lineOn = (stream: TerminalStream) => (line: string) => {
    out?.leave();
    err?.leave();
    stream.write(`${line}\n`);
  };
  return { out: lineOn(stdout), err: lineOn(stderr), screens: { out, err } };
};
