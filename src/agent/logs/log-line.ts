/**
 * A line, or a piece of one, as a program wrote it. What containerd writes is the
 * CRI's format (kubernetes pkg/kubelet/kuberuntime/logs), what Docker writes that
 * of its driver `json-file`; a kubelet reads both.
 */
export interface LogLine {
  /** RFC 3339, with as many digits as the runtime wrote. */
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** Without the end of the line. */
  readonly text: string;
  /** Ends with the line; what was longer than the runtime's buffer comes in pieces. */
  readonly isWhole: boolean;
}

export type LogFormat = 'cri' | 'json-file';

const criLine = /^(\S+) (stdout|stderr) ([FP])\S* (.*)$/s;

const ofCRI = (line: string): LogLine | undefined => {
  const [, time = '', stream, tag, text = ''] = criLine.exec(line) ?? [];
  if (stream !== 'stdout' && stream !== 'stderr') return undefined;
  return { time, stream, text, isWhole: tag === 'F' };
};

const ofJsonFile = (line: string): LogLine | undefined => {
  let entry: { readonly log?: unknown; readonly stream?: unknown; readonly time?: unknown };
  try {
    entry = JSON.parse(line) as typeof entry;
  } catch {
    return undefined;
  }
  const { log, stream, time } = entry;
  if (typeof log !== 'string' || typeof time !== 'string') return undefined;
  if (stream !== 'stdout' && stream !== 'stderr') return undefined;
  return { time, stream, text: log.replace(/\n$/, ''), isWhole: log.endsWith('\n') };
};

/** @returns undefined for what no runtime has written. */
export const parseLogLine = (line: string): LogLine | undefined =>
  line.startsWith('{') ? ofJsonFile(line) : ofCRI(line);

const formats: Readonly<Record<LogFormat, (line: LogLine) => string>> = {
  cri: ({ time, stream, text, isWhole }) => `${time} ${stream} ${isWhole ? 'F' : 'P'} ${text}\n`,
  'json-file': ({ time, stream, text, isWhole }) =>
    `${JSON.stringify({ log: isWhole ? `${text}\n` : text, stream, time })}\n`,
};

/** The same lines as another runtime would have written them; what is none is left out. */
export const translateLog = (lines: readonly string[], format: LogFormat): string =>
  lines
    .map(parseLogLine)
    .filter((line) => line !== undefined)
    .map(formats[format])
    .join('');
